//! A modem's port: an in-memory stream, a pseudo-terminal, or nothing while it is unplugged.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use super::pty::Pty;

/// The driver's end of a port.
#[derive(Debug)]
pub(super) enum Port {
    /// Pulled out: there is nothing to open.
    Unplugged,
    /// In memory; `None` while no client has it open.
    Stream(Option<DuplexStream>),
    /// A pseudo-terminal.
    Pty(Pty),
}

/// What happened at the port.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PortEvent {
    /// So many bytes are in the buffer.
    Read(usize),
    /// Output went out, all or some.
    Wrote,
    /// The client has come or gone.
    Client,
}

impl Port {
    /// Waits for the next thing. Loses nothing when dropped: every byte is read or written in the poll that reports it.
    ///
    /// What nobody has opened the port for is thrown away, as a USB port's driver does.
    pub(super) async fn next(&mut self, input: &mut [u8], output: &mut Vec<u8>) -> io::Result<PortEvent> {
        match self {
            Port::Unplugged | Port::Stream(None) => {
                output.clear();
                std::future::pending().await
            }
            Port::Pty(pty) if !pty.has_client() => {
                output.clear();
                pty.look_again().await?;
                Ok(PortEvent::Client)
            }
            Port::Pty(pty) => poll_fn(|context| poll_pty(pty, context, input, output)).await,
            Port::Stream(Some(stream)) => {
                let event = poll_fn(|context| poll_stream(stream, context, input, output)).await;
                if !matches!(event, Ok(PortEvent::Read(1..) | PortEvent::Wrote)) {
                    *self = Port::Stream(None);
                    return Ok(PortEvent::Client);
                }
                event
            }
        }
    }
}

fn poll_pty(
    pty: &mut Pty,
    context: &mut Context<'_>,
    input: &mut [u8],
    output: &mut Vec<u8>,
) -> Poll<io::Result<PortEvent>> {
    if !output.is_empty()
        && let Poll::Ready(written) = pty.poll_write(context, output)
    {
        // EIO: the client has just gone; the read below finds out.
        match written {
            Ok(written) => {
                output.drain(..written);
                return Poll::Ready(Ok(PortEvent::Wrote));
            }
            Err(_) => output.clear(),
        }
    }
    pty.poll_read(context, input).map_ok(|read| if read == 0 { PortEvent::Client } else { PortEvent::Read(read) })
}

fn poll_stream(
    stream: &mut DuplexStream,
    context: &mut Context<'_>,
    input: &mut [u8],
    output: &mut Vec<u8>,
) -> Poll<io::Result<PortEvent>> {
    if !output.is_empty()
        && let Poll::Ready(written) = Pin::new(&mut *stream).poll_write(context, output)
    {
        output.drain(..written?);
        return Poll::Ready(Ok(PortEvent::Wrote));
    }
    let mut buffer = ReadBuf::new(input);
    Pin::new(stream).poll_read(context, &mut buffer).map_ok(|()| PortEvent::Read(buffer.filled().len()))
}
