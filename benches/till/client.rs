//! A client that costs little, so that the cores are the agent's: HTTP/1.1 by hand.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::Outcome;

/// What came of a load.
pub struct Answered {
    pub elapsed: Duration,
    /// One of each request, in the order of the answers.
    pub times: Vec<Duration>,
    /// Answers with another status than expected.
    pub refused: u64,
}

impl Answered {
    pub fn per_second(&self) -> f64 {
        (self.times.len() as f64 - self.refused as f64) / self.elapsed.as_secs_f64()
    }
}

/// A request as it goes over the wire.
pub fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len(),
    )
    .into_bytes()
}

/// Sends every request once, from so many clients with one request in flight each.
pub fn send(
    address: &str,
    clients: usize,
    expected: u16,
    requests: Vec<Vec<u8>>,
) -> Outcome<Answered> {
    let runtime = runtime()?;
    let queue = Rc::new(RefCell::new(requests.into_iter()));
    let told = Rc::new(RefCell::new((Vec::new(), 0)));
    let local = LocalSet::new();
    let elapsed = local.block_on(&runtime, async {
        let mut connections = Vec::new();
        for _ in 0..clients {
            connections.push(Connection::open(address).await?);
        }
        let began = Instant::now();
        let tasks = connections.into_iter().map(|mut connection| {
            let (queue, told) = (Rc::clone(&queue), Rc::clone(&told));
            tokio::task::spawn_local(async move {
                loop {
                    let next = queue.borrow_mut().next();
                    let Some(request) = next else { return Outcome::Ok(()) };
                    let began = Instant::now();
                    let status = connection.ask(&request).await?;
                    let mut told = told.borrow_mut();
                    told.0.push(began.elapsed());
                    if status != expected {
                        told.1 += 1;
                        if told.1 == 1 {
                            eprintln!("  {status}: {}", String::from_utf8_lossy(connection.body()));
                        }
                    }
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await??;
        }
        Outcome::Ok(began.elapsed())
    })?;
    let (times, refused) = told.take();
    Ok(Answered { elapsed, times, refused })
}

/// Sends one request; status and JSON.
pub fn ask(address: &str, request: &[u8]) -> Outcome<(u16, Value)> {
    runtime()?.block_on(async {
        let mut connection = Connection::open(address).await?;
        let status = connection.ask(request).await?;
        Ok((status, serde_json::from_slice(connection.body()).unwrap_or(Value::Null)))
    })
}

fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    head: usize,
}

impl Connection {
    async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024], filled: 0, head: 0 })
    }

    /// The status of the answer, which is read whole.
    async fn ask(&mut self, request: &[u8]) -> Outcome<u16> {
        self.stream.write_all(request).await?;
        (self.filled, self.head) = (0, 0);
        let mut length = 0;
        while self.head == 0 || self.filled < self.head + length {
            if self.filled == self.buffer.len() {
                self.buffer.resize(2 * self.filled, 0);
            }
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            if read == 0 {
                return Err("the agent closed a connection".into());
            }
            self.filled += read;
            let filled = &self.buffer[..self.filled];
            if let (0, Some(end)) = (self.head, filled.windows(4).position(|w| w == b"\r\n\r\n")) {
                self.head = end + 4;
                length = content_length(&filled[..end]).ok_or("an answer without a length")?;
            }
        }
        let status = std::str::from_utf8(&self.buffer[9..12])?;
        Ok(status.parse()?)
    }

    fn body(&self) -> &[u8] {
        &self.buffer[self.head..self.filled]
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(head).ok()?;
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    value?.trim().parse().ok()
}
