/* What the page can do beyond itself: it stays up to date, and shows what a text would become while it is written.
   Everything essential works without this file. Written for browsers of about 2019. */
(function () {
  'use strict';

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  function text(node, value) {
    if (node && node.textContent !== value) { node.textContent = value; }
  }

  /* Live: the daemon says that something changed, the page fetches itself and takes over what is marked data-live. */
  var light = document.getElementById('live');
  var source = null;
  var busy = false;
  var again = false;
  var announced = 0;
  var said = '';

  function show(on) {
    if (!light) { return; }
    light.hidden = false;
    light.className = 'live noprint ' + (on ? 'on' : 'off');
    text(light, light.getAttribute(on ? 'data-on' : 'data-off'));
  }

  function announce(summary) {
    var place = document.getElementById('announce');
    var now = Date.now();
    if (!place || !summary || summary === said || now - announced < 15000) { return; }
    announced = now;
    said = summary;
    text(place, summary);
  }

  function take(html) {
    var fresh = new DOMParser().parseFromString(html, 'text/html');
    each('[data-live]', function (old) {
      var next = fresh.getElementById(old.id);
      if (!next || old.innerHTML === next.innerHTML) { return; }
      var active = document.activeElement;
      var href = active && old.contains(active) ? active.getAttribute('href') : null;
      if (active && old.contains(active) && href === null) { return; }
      announce(next.getAttribute('data-summary'));
      old.innerHTML = next.innerHTML;
      if (href !== null) {
        Array.prototype.some.call(old.querySelectorAll('a'), function (link) {
          if (link.getAttribute('href') !== href) { return false; }
          link.focus();
          return true;
        });
      }
    });
  }

  function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    fetch(location.href, { credentials: 'same-origin', headers: { 'X-Live': '1' } })
      .then(function (answer) {
        if (answer.redirected) { location.reload(); return ''; }
        return answer.ok ? answer.text() : '';
      })
      .then(function (html) { if (html) { take(html); } })
      .catch(function () { show(false); })
      .then(function () {
        busy = false;
        if (again) { again = false; refresh(); }
      });
  }

  function listen() {
    if (source || !window.EventSource || !document.querySelector('[data-live]')) { return; }
    source = new EventSource('/live');
    source.onopen = function () { show(true); };
    source.onerror = function () { show(false); };
    source.addEventListener('changed', refresh);
  }

  /* A browser keeps few connections to one place: a page that nobody looks at gives its own up. */
  document.addEventListener('visibilitychange', function () {
    if (document.hidden) {
      if (source) { source.close(); source = null; }
    } else {
      listen();
      if (source) { refresh(); }
    }
  });
  listen();

  /* On a narrow screen the menu is a strip: show where we are. */
  each('.menu [aria-current]', function (here) {
    var strip = here.closest('.menu');
    if (strip.scrollWidth > strip.clientWidth) { strip.scrollLeft = here.offsetLeft - 40; }
  });

  /* What was sent is not sent again by a second click. */
  each('form[method="post"]', function (form) {
    form.addEventListener('submit', function () {
      setTimeout(function () {
        Array.prototype.forEach.call(form.querySelectorAll('button'), function (button) { button.disabled = true; });
      }, 0);
    });
  });
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) { each('button[disabled]', function (button) { button.disabled = false; }); }
  });

  /* Compose. */
  var form = document.getElementById('compose');
  if (!form || !window.fetch || !window.FormData) { return; }
  var place = document.getElementById('preview');
  var counter = document.getElementById('counter');
  var waiting = null;
  var asked = 0;

  function ways() {
    var chosen = form.querySelector('input[name="way"]:checked');
    each('[data-way]', function (field) {
      field.hidden = !chosen || field.getAttribute('data-way') !== chosen.value;
    });
  }

  function ask() {
    var mine = ++asked;
    fetch(form.getAttribute('data-preview'), { method: 'POST', body: new FormData(form), credentials: 'same-origin' })
      .then(function (answer) { return answer.ok && !answer.redirected ? answer.text() : ''; })
      .then(function (html) {
        if (!html || mine !== asked) { return; }
        var fresh = new DOMParser().parseFromString(html, 'text/html');
        var part = fresh.querySelector('[data-summary]');
        if (!part) { return; }
        place.innerHTML = '';
        place.appendChild(document.importNode(part, true));
        text(counter, part.getAttribute('data-counter') || '');
        announce(part.getAttribute('data-summary'));
      })
      .catch(function () {});
  }

  function soon(delay) {
    clearTimeout(waiting);
    waiting = setTimeout(ask, delay);
  }

  form.addEventListener('input', function (event) { soon(event.target.type === 'file' ? 50 : 350); });
  form.addEventListener('change', function () { ways(); soon(50); });
  ways();
  if (form.elements.text.value || form.elements.numbers.value) { soon(50); }
}());
