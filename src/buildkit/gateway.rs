//! The calls of BuildKit's gateway: gRPC over HTTP/2 on two streams.

use super::messages::{
    BuildResult, Definition, Empty, FileRange, ReadDirRequest, ReadDirResponse, ReadFileRequest,
    ReadFileResponse, ResolveImageConfigRequest, ResolveImageConfigResponse, ReturnRequest,
    SolveRequest, SolveResponse, Stat, Status, WarnRequest,
};
use bytes::Bytes;
use h2::client::SendRequest;
use h2::{Reason, RecvStream};
use http::{HeaderMap, Request};
use prost::Message;
use std::fmt;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};

/// Where its methods are.
const SERVICE: &str = "http://buildkit/moby.buildkit.v1.frontend.LLBBridge/";
/// The largest answer that is taken, in bytes.
const MAX_ANSWER: usize = 64 << 20;
/// What may be on its way to us before we have taken it, in bytes.
const WINDOW: u32 = 4 << 20;
/// gRPC's number of a success.
const OK: u32 = 0;
/// gRPC's number for input that is refused.
const INVALID_ARGUMENT: i32 = 3;

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// BuildKit refuses it.
    Refused {
        /// gRPC's number of the status.
        code: u32,
        /// Its words.
        message: String,
    },
    /// The connection is broken, or what comes over it is no answer.
    Broken(String),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Refused { message, .. } => f.write_str(message),
            CallError::Broken(why) => write!(f, "the connection to BuildKit is broken: {why}"),
        }
    }
}

impl CallError {
    fn broken(error: impl fmt::Display) -> Self {
        CallError::Broken(error.to_string())
    }

    /// The same as an error of a file.
    pub(super) fn into_io(self) -> io::Error {
        let said = self.to_string();
        // BuildKit says what Linux says, without a number of its own.
        let numbers = [
            ("no such file or directory", 2),
            ("permission denied", 13),
            ("not a directory", 20),
            ("is a directory", 21),
        ];
        match numbers.iter().find(|(words, _)| said.ends_with(words)) {
            Some((_, number)) => io::Error::from_raw_os_error(*number),
            None => io::Error::other(said),
        }
    }
}

/// The other end of the gateway.
pub struct Gateway {
    runtime: Runtime,
    sender: SendRequest<Bytes>,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}

impl Gateway {
    /// The gateway on standard input and output, where BuildKit speaks to a frontend.
    ///
    /// # Errors
    /// Nobody is there, or somebody who speaks another language.
    pub fn on_standard_streams() -> Result<Self, CallError> {
        Self::connect(|| tokio::io::join(tokio::io::stdin(), tokio::io::stdout()))
    }

    /// The gateway on a stream, which is made inside of its runtime.
    ///
    /// # Errors
    /// As above.
    pub fn connect<S>(stream: impl FnOnce() -> S) -> Result<Self, CallError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let runtime = Builder::new_current_thread().enable_io().build();
        let runtime = runtime.map_err(CallError::broken)?;
        let sender = runtime.block_on(async {
            let mut builder = h2::client::Builder::new();
            builder.initial_window_size(WINDOW).initial_connection_window_size(WINDOW);
            let (sender, connection) =
                builder.handshake(stream()).await.map_err(CallError::broken)?;
            // How it ends is seen by the calls that wait for an answer.
            tokio::spawn(async { drop(connection.await) });
            sender.ready().await.map_err(CallError::broken)
        })?;
        Ok(Gateway { runtime, sender })
    }

    fn call<A: Message + Default>(
        &self,
        method: &str,
        message: &impl Message,
    ) -> Result<A, CallError> {
        let answer = self.runtime.block_on(self.exchange(method, message.encode_to_vec()))?;
        A::decode(answer.as_slice())
            .map_err(|error| CallError::Broken(format!("its answer to {method} is none: {error}")))
    }

    async fn exchange(&self, method: &str, message: Vec<u8>) -> Result<Vec<u8>, CallError> {
        let request = Request::post(format!("{SERVICE}{method}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())
            .map_err(CallError::broken)?;
        let sender = self.sender.clone();
        let mut sender = sender.ready().await.map_err(CallError::broken)?;
        let (answer, mut stream) =
            sender.send_request(request, false).map_err(CallError::broken)?;
        let length = u32::try_from(message.len()).map_err(CallError::broken)?;
        let mut body = Vec::with_capacity(message.len() + 5);
        body.push(0); // not compressed
        body.extend_from_slice(&length.to_be_bytes());
        body.extend(message);
        stream.send_data(Bytes::from(body), true).map_err(CallError::broken)?;
        let (head, mut body) = answer.await.map_err(CallError::broken)?.into_parts();
        if head.status != 200 {
            return Err(CallError::Broken(format!("it answers {method} with {}", head.status)));
        }
        status(&head.headers)?;
        let bytes = received(method, &mut body).await?;
        let trailers = body.trailers().await.map_err(CallError::broken)?;
        status(&trailers.unwrap_or_default())?;
        match bytes.split_at_checked(5) {
            Some(([0, length @ ..], message)) if is_length(length, message) => Ok(message.to_vec()),
            _ => Err(CallError::Broken(format!("its answer to {method} is no message"))),
        }
    }

    /// The reference of what a definition makes; it is made when it is looked at.
    ///
    /// # Errors
    /// That of the call.
    pub fn solve(&self, definition: Definition, evaluate: bool) -> Result<String, CallError> {
        let request = SolveRequest {
            definition: Some(definition),
            allow_result_return: true,
            allow_result_array_ref: true,
            evaluate,
        };
        let answer: SolveResponse = self.call("Solve", &request)?;
        let reference = answer.result.and_then(|result| result.r#ref);
        // What makes nothing has no reference.
        Ok(reference.map(|reference| reference.id).unwrap_or_default())
    }

    /// Some bytes of a file.
    ///
    /// # Errors
    /// That of the call.
    pub fn read_file(
        &self,
        reference: &str,
        path: &str,
        offset: i64,
        length: i64,
    ) -> Result<Vec<u8>, CallError> {
        let request = ReadFileRequest {
            r#ref: reference.to_owned(),
            path: path.to_owned(),
            range: Some(FileRange { offset, length }),
        };
        self.call("ReadFile", &request).map(|answer: ReadFileResponse| answer.data)
    }

    /// What is in a folder.
    ///
    /// # Errors
    /// That of the call.
    pub fn read_folder(&self, reference: &str, path: &str) -> Result<Vec<Stat>, CallError> {
        let request = ReadDirRequest { r#ref: reference.to_owned(), path: path.to_owned() };
        self.call("ReadDir", &request).map(|answer: ReadDirResponse| answer.entries)
    }

    /// The digest and the configuration of an image.
    ///
    /// # Errors
    /// That of the call.
    pub fn resolve_image(
        &self,
        request: &ResolveImageConfigRequest,
    ) -> Result<ResolveImageConfigResponse, CallError> {
        self.call("ResolveImageConfig", request)
    }

    /// Shows a warning in the output of the build; `short` is its title, `detail` the lines below.
    ///
    /// # Errors
    /// That of the call.
    pub fn warn(&self, digest: &str, short: &str, detail: &[String]) -> Result<(), CallError> {
        let request = WarnRequest {
            digest: digest.to_owned(),
            level: 1,
            short: short.as_bytes().to_vec(),
            detail: detail.iter().map(|line| line.as_bytes().to_vec()).collect(),
        };
        self.call("Warn", &request).map(|_: Empty| ())
    }

    /// Ends the build with its result, or with the words why there is none.
    ///
    /// # Errors
    /// That of the call.
    pub fn finish(&self, result: Result<BuildResult, String>) -> Result<(), CallError> {
        let request = match result {
            Ok(result) => ReturnRequest { result: Some(result), error: None },
            Err(message) => {
                let error = Status { code: INVALID_ARGUMENT, message };
                ReturnRequest { result: None, error: Some(error) }
            }
        };
        self.call("Return", &request).map(|_: Empty| ())
    }

    /// Leaves without waiting for a reader of standard input, which may never have anything to read again.
    pub fn close(self) {
        self.runtime.shutdown_background();
    }
}

fn is_length(length: &[u8], message: &[u8]) -> bool {
    let known: Result<[u8; 4], _> = length.try_into();
    known.is_ok_and(|length| u32::from_be_bytes(length) as usize == message.len())
}

/// All bytes of an answer.
async fn received(method: &str, body: &mut RecvStream) -> Result<Vec<u8>, CallError> {
    let mut bytes = Vec::new();
    while let Some(part) = body.data().await {
        match part {
            Ok(part) => {
                body.flow_control().release_capacity(part.len()).map_err(CallError::broken)?;
                bytes.extend_from_slice(&part);
            }
            // A server that has said all may end the stream so.
            Err(error) if error.reason() == Some(Reason::NO_ERROR) => break,
            Err(error) => return Err(CallError::broken(error)),
        }
        if bytes.len() > MAX_ANSWER {
            let why = format!("its answer to {method} has more than {MAX_ANSWER} bytes");
            return Err(CallError::Broken(why));
        }
    }
    Ok(bytes)
}

/// Whether headers or trailers say that the call was refused.
fn status(headers: &HeaderMap) -> Result<(), CallError> {
    let Some(code) = headers.get("grpc-status") else { return Ok(()) };
    let code = code.to_str().ok().and_then(|code| code.parse().ok());
    match code {
        Some(OK) => Ok(()),
        Some(code) => {
            let message = headers.get("grpc-message").map_or(&b""[..], |value| value.as_bytes());
            Err(CallError::Refused { code, message: unescaped(message) })
        }
        None => Err(CallError::Broken("a status of it is no number".to_owned())),
    }
}

/// A message as it was before it became a header: gRPC writes what is not plain ASCII as `%` and two digits.
fn unescaped(message: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(message.len());
    let mut rest = message;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = after.get(..2).filter(|_| byte == b'%').and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        match digits {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
