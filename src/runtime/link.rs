//! Hands a sign-in link to the browser without showing it to anyone else. Arguments of processes and files can be
//! read by others; so the browser is given an address on this machine, with a random path, that is answered once
//! and sends it on.

use std::fmt::Write as _;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::fleet::Secret;

/// For how long the browser is waited for; the link itself lasts five minutes.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(5);
/// The longest request that is read, in bytes.
const LONGEST: usize = 8 * 1024;

/// An address that leads to a secret link, once.
#[derive(Debug)]
pub(super) struct OneTime {
    listener: TcpListener,
    path: String,
    link: Secret,
}

impl OneTime {
    /// Begins to listen, on this machine only.
    pub(super) async fn new(link: Secret) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self { listener, path: unguessable()?, link })
    }

    /// The address to open.
    pub(super) fn address(&self) -> io::Result<String> {
        Ok(format!("http://{}/{}", self.listener.local_addr()?, self.path))
    }

    /// Answers until the link was handed over, or the time is over; whether it was.
    pub(super) async fn serve(self) -> bool {
        let handed = async {
            loop {
                let Ok((stream, _)) = self.listener.accept().await else { return false };
                if timeout(REQUEST, self.answer(stream)).await.is_ok_and(|answer| answer.unwrap_or(false)) {
                    return true;
                }
            }
        };
        timeout(PATIENCE, handed).await.unwrap_or(false)
    }

    /// Answers one request; whether it was the one that was meant.
    async fn answer(&self, mut stream: TcpStream) -> io::Result<bool> {
        let mut request = Vec::new();
        let mut buffer = [0; 1024];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < LONGEST {
            match stream.read(&mut buffer).await? {
                0 => break,
                read => request.extend_from_slice(&buffer[..read]),
            }
        }
        let wanted = format!("GET /{} ", self.path);
        let is_meant = request.starts_with(wanted.as_bytes());
        let answer = if is_meant {
            format!(
                "HTTP/1.1 302 Found\r\nLocation: {}\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n",
                self.link.reveal()
            )
        } else {
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()
        };
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        Ok(is_meant)
    }
}

/// A path that cannot be guessed: 128 bits of the system's randomness.
fn unguessable() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let mut path = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(path, "{byte:02x}");
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(address: &str, path: &str) -> String {
        let host = address.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let mut stream = TcpStream::connect(&host).await.unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_link_is_given_once_and_only_to_who_knows_the_path() {
        let one = OneTime::new(Secret::new("https://studio.example/?token=canary")).await.unwrap();
        let address = one.address().unwrap();
        assert!(!address.contains("canary") && !format!("{one:?}").contains("canary"));
        let path = address.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap();
        let serving = tokio::spawn(one.serve());
        assert!(get(&address, "/").await.starts_with("HTTP/1.1 404"));
        let answer = get(&address, &path).await;
        assert!(
            answer.starts_with("HTTP/1.1 302")
                && answer.contains("Location: https://studio.example/?token=canary")
        );
        assert!(serving.await.unwrap(), "it was handed over");
        let host = address.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        assert!(TcpStream::connect(&host).await.is_err(), "nobody listens any more");
    }
}
