//! A modem's port as a pseudo-terminal, with a link to it as udev makes for a real one.
//!
//! The slave side is never held open here: a client that opens it alone sees what it would see of a real port. While
//! no client has it open, reading the master gives EIO, and no event tells of the next opening: it is looked for by a
//! short timer, and only then.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How long a client waits at most until its opening is noticed.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A pseudo-terminal and the link that names it.
#[derive(Debug)]
pub(super) struct Pty {
    /// `None` only while it is being registered anew.
    master: Option<AsyncFd<OwnedFd>>,
    client: Client,
    link: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// Has the port open.
    There,
    /// Has closed it, was killed, or never came.
    Gone,
}

impl Pty {
    /// A new pseudo-terminal in raw mode; the link replaces what stood in its place. Errors: those of the system.
    pub(super) fn create(link: &Path) -> io::Result<Self> {
        let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        rustix::pty::grantpt(&master)?;
        rustix::pty::unlockpt(&master)?;
        // Through the master this sets the slave: no echo, no signals, no conversion, as a modem's tty after a client's
        // own set-up.
        let mut termios = tcgetattr(&master)?;
        termios.make_raw();
        tcsetattr(&master, OptionalActions::Now, &termios)?;
        rustix::io::ioctl_fionbio(&master, true)?;
        let slave = rustix::pty::ptsname(&master, Vec::new())?;
        let slave = Path::new(std::ffi::OsStr::new(slave.to_str().map_err(io::Error::other)?));
        // A slave that nobody has opened yet does not count as hung up; one that was closed does.
        drop(rustix::fs::open(slave, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?);
        let fresh = link.with_extension("new");
        remove_if_there(&fresh)?;
        symlink(slave, &fresh)?;
        fs::rename(&fresh, link)?;
        let master = register(master)?;
        Ok(Self { master: Some(master), client: Client::Gone, link: link.to_owned() })
    }

    /// Whether a client can be written to.
    pub(super) fn has_client(&self) -> bool {
        self.client == Client::There
    }

    /// Waits until a client may have opened the port again.
    pub(super) async fn look_again(&mut self) -> io::Result<()> {
        tokio::time::sleep(LOOK_AGAIN).await;
        let Some(master) = &self.master else { return Err(ErrorKind::NotConnected.into()) };
        let mut poll = [PollFd::new(master.get_ref(), PollFlags::IN)];
        rustix::event::poll(&mut poll, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
        if poll[0].revents().contains(PollFlags::HUP) {
            return Ok(());
        }
        // The reactor remembers a hang-up for ever, so the descriptor is registered anew.
        if let Some(master) = self.master.take() {
            self.master = Some(register(master.into_inner())?);
        }
        self.client = Client::There;
        Ok(())
    }

    /// Reads what the client wrote; 0 when it has gone.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let Some(master) = &self.master else { return Poll::Ready(Err(ErrorKind::NotConnected.into())) };
        loop {
            let mut guard = ready!(master.poll_read_ready(context))?;
            match rustix::io::read(guard.get_inner(), &mut *buffer) {
                Ok(0) => break,
                Ok(read) => {
                    // All that there was: the next byte is a new event.
                    if read < buffer.len() {
                        guard.clear_ready();
                    }
                    return Poll::Ready(Ok(read));
                }
                Err(rustix::io::Errno::AGAIN) => guard.clear_ready(),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::IO) => break,
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        self.client = Client::Gone;
        Poll::Ready(Ok(0))
    }

    /// Writes to the client; how many bytes it took.
    pub(super) fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Some(master) = &self.master else { return Poll::Ready(Err(ErrorKind::NotConnected.into())) };
        loop {
            let mut guard = ready!(master.poll_write_ready(context))?;
            match rustix::io::write(guard.get_inner(), bytes) {
                Ok(written) => return Poll::Ready(Ok(written)),
                Err(rustix::io::Errno::AGAIN) => guard.clear_ready(),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }
}

/// The port goes away: first its name, then the port, so that the client sees the end of file.
impl Drop for Pty {
    fn drop(&mut self) {
        let _ = remove_if_there(&self.link);
    }
}

fn register(master: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an OwnedFd names the same open file until it is dropped, and the AsyncFd owns it until then.
    let registered = unsafe { AsyncFd::register_with_interest(master, Interest::READABLE | Interest::WRITABLE) };
    Ok(registered?)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
