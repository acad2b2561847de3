// SPDX-License-Identifier: GPL-3.0-or-later
//! push [--confirm] ADDRESS APPLICATION < metrics: pushes to exporter-proxy at HOST:PORT or the path of a Unix socket,
//! as JSON. With --confirm it fails unless the proxy says that it has stored the push: receiver.answer = "always".
//! Nothing but the standard library: rustc --edition 2021 -O push.rs
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

const TIMEOUT: Option<Duration> = Some(Duration::from_secs(10));

/// A string as JSON has it (RFC 8259, 7).
fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if c < ' ' => json.push_str(&format!("\\u{:04x}", c as u32)),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

trait Connection: Read + Write {
    fn end_sending(&self) -> io::Result<()>;
}

impl Connection for TcpStream {
    fn end_sending(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

impl Connection for UnixStream {
    fn end_sending(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

fn connect(address: &str) -> io::Result<Box<dyn Connection>> {
    if address.contains('/') {
        let stream = UnixStream::connect(address)?;
        stream.set_read_timeout(TIMEOUT)?;
        Ok(Box::new(stream))
    } else {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(TIMEOUT)?;
        Ok(Box::new(stream))
    }
}

/// Returns when the push is in. An error has the proxy's words when it refuses the push, or, with `confirm`, says that
/// the proxy did not answer.
fn push(address: &str, application: &str, text: &str, confirm: bool) -> io::Result<()> {
    let mut connection = connect(address)?;
    connection.write_all(format!("{{{}:{}}}", quoted(application), quoted(text)).as_bytes())?;
    connection.end_sending()?;
    let mut answer = String::new(); // "ok 1", or nothing but the end, once the push is in
    connection.read_to_string(&mut answer)?;
    if answer.starts_with("ok ") || (answer.is_empty() && !confirm) {
        return Ok(());
    }
    let reason = match answer.trim_end() {
        "" => "the push is not confirmed",
        refusal => refusal,
    };
    Err(io::Error::new(io::ErrorKind::InvalidData, reason))
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().collect();
    let confirm = arguments.iter().any(|argument| argument == "--confirm");
    arguments.retain(|argument| argument != "--confirm");
    let mut text = String::new();
    let result = match arguments.as_slice() {
        [_, address, application] => io::stdin()
            .read_to_string(&mut text)
            .and_then(|_| push(address, application, &text, confirm)),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "usage: push [--confirm] ADDRESS APPLICATION < metrics",
        )),
    };
    if let Err(error) = result {
        eprintln!("push: {error}");
        std::process::exit(1);
    }
}
