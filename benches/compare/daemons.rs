//! The daemons that are compared: how each is set up, started and given its messages. Each has the quickest settings that its manual
//! allows.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where one of them works: its folder, and the ports of its modems.
pub struct Bench {
    pub folder: PathBuf,
    pub ports: Vec<PathBuf>,
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn start(&self, program: &str, words: &[&str]) -> io::Result<Child> {
        let log = fs::File::options().create(true).append(true).open(self.path("output"))?;
        let (out, err) = (log.try_clone()?, log);
        Command::new(program).args(words).current_dir(&self.folder).stdin(Stdio::null()).stdout(out).stderr(err).spawn()
    }
}

pub struct Daemon {
    pub name: &'static str,
    /// What must be on the PATH.
    pub program: &'static str,
    pub start: fn(&Bench) -> io::Result<Vec<Child>>,
    pub submit: fn(&Bench, u32) -> io::Result<()>,
}

pub const ALL: [Daemon; 4] = [
    Daemon { name: "kentongan", program: env!("CARGO_BIN_EXE_kentongan"), start: kentongan, submit: kentongan_submit },
    Daemon { name: "gammu-smsd", program: "gammu-smsd", start: gammu, submit: gammu_submit },
    Daemon { name: "smstools", program: "smsd", start: smstools, submit: smstools_submit },
    Daemon { name: "kannel", program: "bearerbox", start: kannel, submit: kannel_submit },
];

fn number(n: u32) -> String {
    format!("628121{:07}", n * 7 + 13)
}

fn text(n: u32) -> String {
    format!("Rapat RW {n} Sabtu pukul 19.00 di balai kelurahan")
}

fn kentongan(bench: &Bench) -> io::Result<Vec<Child>> {
    let ports = bench.ports[0].parent().unwrap_or(Path::new("."));
    let settings = format!(
        "[paths]\ndatabase = \"k.db\"\nqueue = \"queue\"\nports = {ports:?}\n[limits]\nper_minute = 0\nper_hour = 0\nper_day = 0\n\
         [[unit]]\nname = \"diskominfo\"\n"
    );
    fs::write(bench.path("k.toml"), settings)?;
    Ok(vec![bench.start(env!("CARGO_BIN_EXE_kentongan"), &["--config", "k.toml", "run"])?])
}

fn kentongan_submit(bench: &Bench, messages: u32) -> io::Result<()> {
    let mut list = String::from("nomor,pesan\n");
    for n in 0..messages {
        let _ = writeln!(list, "{},{}", number(n), text(n));
    }
    fs::write(bench.path("list.csv"), list)?;
    fs::rename(bench.path("list.csv"), bench.path("queue/diskominfo/list.csv"))
}

/// One daemon a modem, each with a folder of its own: over one folder they take each other's files.
fn gammu(bench: &Bench) -> io::Result<Vec<Child>> {
    let mut daemons = Vec::new();
    for (place, port) in bench.ports.iter().enumerate() {
        let home = bench.path(&format!("modem-{place}"));
        let mut folders = String::new();
        for (key, folder) in [("inbox", "in"), ("outbox", "out"), ("sentsms", "sent"), ("errorsms", "error")] {
            fs::create_dir_all(home.join(folder))?;
            let _ = writeln!(folders, "{key}path = {}/", home.join(folder).display());
        }
        let settings = format!(
            "[gammu]\ndevice = {}\nconnection = at115200\nlogformat = nothing\n\n[smsd]\nservice = files\nphoneid = modem-{place}\n\
             logfile = {}\ndebuglevel = 0\n{folders}checksecurity = 0\nchecksignal = 0\nchecknetwork = 0\ncheckbattery = 0\n\
             loopsleep = 0\ncommtimeout = 1\nstatusfrequency = 0\nreceivefrequency = 600\ndeliveryreport = log\n",
            port.display(),
            home.join("log").display()
        );
        let file = home.join("smsdrc");
        fs::write(&file, settings)?;
        daemons.push(bench.start("gammu-smsd", &["-c", &file.display().to_string()])?);
    }
    Ok(daemons)
}

fn gammu_submit(bench: &Bench, messages: u32) -> io::Result<()> {
    for n in 0..messages {
        let out = bench.path(&format!("modem-{}/out", n as usize % bench.ports.len()));
        let name = format!("OUTA20261126_{:06}_00_+{}_x.txt", n, number(n));
        whole(&out, &name, &text(n))?;
    }
    Ok(())
}

fn smstools(bench: &Bench) -> io::Result<Vec<Child>> {
    let mut settings = String::new();
    let names: Vec<String> = (1..=bench.ports.len()).map(|n| format!("GSM{n}")).collect();
    let _ = writeln!(settings, "devices = {}", names.join(","));
    for (key, folder) in [
        ("outgoing", "out"),
        ("checked", "checked"),
        ("sent", "sent"),
        ("failed", "failed"),
        ("incoming", "in"),
        ("report", "report"),
        ("stats", "stats"),
    ] {
        fs::create_dir_all(bench.path(folder))?;
        let _ = writeln!(settings, "{key} = {}", bench.path(folder).display());
    }
    for (key, file) in [("logfile", "log"), ("infofile", "working"), ("pidfile", "pid")] {
        let _ = writeln!(settings, "{key} = {}", bench.path(file).display());
    }
    settings.push_str("loglevel = 4\ndelaytime = 1\ndelaytime_mainprocess = 1\ntrust_outgoing = yes\nterminal = yes\n");
    for (name, port) in names.iter().zip(&bench.ports) {
        let _ = write!(
            settings,
            "\n[{name}]\ndevice = {}\nbaudrate = 115200\nincoming = yes\nreport = yes\nkeep_open = yes\ncheck_network = 0\ninit = AT\n\
             signal_quality_ber_ignore = yes\n",
            port.display()
        );
    }
    fs::write(bench.path("smsd.conf"), settings)?;
    Ok(vec![bench.start("smsd", &["-csmsd.conf"])?])
}

fn smstools_submit(bench: &Bench, messages: u32) -> io::Result<()> {
    for n in 0..messages {
        whole(&bench.path("out"), &format!("m{n:06}"), &format!("To: {}\n\n{}", number(n), text(n)))?;
    }
    Ok(())
}

/// Its ports on loopback; nothing else listens there in a bench.
const KANNEL_ADMIN: u16 = 23_000;
const KANNEL_BOX: u16 = 23_001;
const KANNEL_SEND: u16 = 23_013;

fn kannel(bench: &Bench) -> io::Result<Vec<Child>> {
    fs::create_dir_all(bench.path("store"))?;
    let mut settings = format!(
        "group = core\nadmin-port = {KANNEL_ADMIN}\nadmin-password = bench\nsmsbox-port = {KANNEL_BOX}\nbox-allow-ip = \"127.0.0.1\"\n\
         log-file = \"{}\"\nlog-level = 3\nstore-type = spool\nstore-location = \"{}\"\n\n",
        bench.path("log").display(),
        bench.path("store").display()
    );
    for (place, port) in bench.ports.iter().enumerate() {
        let _ = write!(
            settings,
            "group = smsc\nsmsc = at\nsmsc-id = m{place}\nmodemtype = sim\ndevice = \"{}\"\nspeed = 115200\nmy-number = \"+62811\"\n\n",
            port.display()
        );
    }
    let _ = write!(
        settings,
        "group = modems\nid = sim\nname = sim\ndetect-string = \"Quectel\"\ninit-string = \"AT+CNMI=2,1,0,1,0\"\n\n\
         group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {KANNEL_SEND}\nglobal-sender = 62811\nlog-level = 3\n\n\
         group = sendsms-user\nusername = bench\npassword = bench\n\n\
         group = sms-service\nkeyword = default\ntext = \"x\"\n"
    );
    fs::write(bench.path("kannel.conf"), settings)?;
    let bearer = bench.start("bearerbox", &["kannel.conf"])?;
    super::until(std::time::Duration::from_secs(10), || TcpStream::connect(("127.0.0.1", KANNEL_BOX)).is_ok());
    Ok(vec![bearer, bench.start("smsbox", &["kannel.conf"])?])
}

fn kannel_submit(_bench: &Bench, messages: u32) -> io::Result<()> {
    for n in 0..messages {
        let mut stream = TcpStream::connect(("127.0.0.1", KANNEL_SEND))?;
        let text = text(n).replace(' ', "+");
        write!(
            stream,
            "GET /cgi-bin/sendsms?username=bench&password=bench&to=%2B{}&text={text} HTTP/1.0\r\nHost: localhost\r\n\r\n",
            number(n)
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.contains("202") {
            return Err(io::Error::other(format!("kannel did not take a message: {answer}")));
        }
    }
    Ok(())
}

/// A file that appears whole: written beside the folder, then moved in.
fn whole(folder: &Path, name: &str, content: &str) -> io::Result<()> {
    let beside = folder.with_file_name("beside");
    fs::write(&beside, content)?;
    fs::rename(beside, folder.join(name))
}
