//! Programs that are started.
//!
//! In: a program on the `PATH`, its arguments, and what it is to read. Out: how it ended and what it said. What always
//! holds: both its outputs are read from its start on, so that it never waits for somebody to read them; what is
//! kept of them is bounded; one that does not read its input, or ends early, keeps nobody waiting; what it leaves
//! running does not either.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How many bytes are kept of what a program writes to an output: the last ones, which say why it has failed.
const MAX_KEPT: usize = 1 << 20;
/// How long what has been written is waited for where something that a program has left running has its outputs too.
const LEFTOVER_WAIT: Duration = Duration::from_secs(1);
/// How long one that has closed its input may take to end and say why.
const CLOSED_INPUT_WAIT: Duration = Duration::from_secs(10);

/// A program that is given something to read.
#[derive(Debug)]
pub struct Client {
    child: Child,
    output: Reader,
    errors: Reader,
}

/// How a program has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Whether its exit code is 0.
    pub success: bool,
    /// What it wrote to standard output: the last mebibyte.
    pub output: String,
    /// What it wrote to standard error: the last mebibyte.
    pub errors: String,
}

impl Client {
    /// Starts a program that is found on the `PATH`.
    ///
    /// # Errors
    /// The system's error.
    pub fn start(program: &str, arguments: &[impl AsRef<OsStr>]) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (output, errors) = (Reader::of(child.stdout.take()), Reader::of(child.stderr.take()));
        Ok(Client { child, output, errors })
    }

    /// Lets `write` write to its standard input. Where that fails the program is ended, so that it does not
    /// take a part for the whole; one that has closed its input itself is left to say why.
    ///
    /// # Errors
    /// Those of `write`.
    pub fn write<E>(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(stdin) = self.child.stdin.take() else { return Ok(()) };
        let mut input = Input { stdin, is_closed: false };
        let written = write(&mut input);
        if written.is_err() && !(input.is_closed && self.ends_within(CLOSED_INPUT_WAIT)) {
            // One that has ended in the meantime cannot be killed.
            self.child.kill().unwrap_or_default();
        }
        written
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// The system's error.
    pub fn wait(mut self) -> io::Result<End> {
        let status = self.child.wait()?;
        let until = Instant::now() + LEFTOVER_WAIT;
        let (output, errors) = (self.output.text(until), self.errors.text(until));
        Ok(End { success: status.success(), output, errors })
    }

    fn ends_within(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
                Ok(None) | Err(_) => return false,
                Ok(Some(_)) => return true,
            }
        }
    }
}

/// Gives a program all it is to read, and waits for its end. It need not read it.
///
/// # Errors
/// The system's error.
pub fn ask(program: &str, arguments: &[impl AsRef<OsStr>], question: &[u8]) -> io::Result<End> {
    let mut client = Client::start(program, arguments)?;
    let asked = client.write(|stdin| stdin.write_all(question));
    let end = client.wait()?;
    match asked {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(end),
    }
}

/// Runs a program to its end and gives what it wrote to standard output.
///
/// # Errors
/// The system's error when it cannot be started; when it fails, its standard error as the message.
pub fn run(program: &str, arguments: &[impl AsRef<OsStr>]) -> io::Result<String> {
    let End { success, output, errors } = ask(program, arguments, &[])?;
    if success {
        Ok(output.trim_end().to_owned())
    } else {
        Err(io::Error::other(format!("{program} failed: {}", errors.trim())))
    }
}

/// The input of a program, which the program may close.
struct Input {
    stdin: ChildStdin,
    is_closed: bool,
}

impl Write for Input {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stdin.write(bytes);
        self.is_closed |=
            written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stdin.flush()
    }
}

/// Reads an output to its end, in a thread of its own.
#[derive(Debug)]
struct Reader {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Closed at the end.
    end: Receiver<()>,
}

impl Reader {
    fn of(output: Option<impl Read + Send + 'static>) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (at_end, end) = channel();
        let keep = Arc::clone(&kept);
        thread::spawn(move || {
            read(output, &keep);
            drop(at_end);
        });
        Reader { kept, end }
    }

    /// What was written until the end, or until then.
    fn text(&self, until: Instant) -> String {
        // Nothing is ever sent: this ends when the sender is gone, or when the time is over.
        self.end.recv_timeout(until.saturating_duration_since(Instant::now())).unwrap_or_default();
        let kept = self.kept.lock().map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default();
        let last = kept.get(kept.len().saturating_sub(MAX_KEPT)..).unwrap_or_default();
        String::from_utf8_lossy(last).into_owned()
    }
}

fn read(output: Option<impl Read>, keep: &Mutex<Vec<u8>>) {
    let Some(mut output) = output else { return };
    let mut buffer = vec![0; 1 << 16];
    loop {
        match output.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                let Ok(mut kept) = keep.lock() else { return };
                if kept.len() + count > 2 * MAX_KEPT {
                    let old = kept.len().saturating_sub(MAX_KEPT);
                    kept.drain(..old);
                }
                kept.extend_from_slice(buffer.get(..count).unwrap_or_default());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    /// Gives up on what would wait for ever.
    fn in_time<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, end) = channel();
        thread::spawn(move || done.send(what()));
        end.recv_timeout(Duration::from_secs(60)).expect("it waits for ever")
    }

    fn start(script: &str) -> Client {
        Client::start("sh", &["-c", script]).unwrap()
    }

    fn give(script: &'static str, size: usize) -> (io::Result<()>, End) {
        in_time(move || {
            let mut client = start(script);
            let written = client.write(|stdin| stdin.write_all(&vec![b'x'; size]));
            (written, client.wait().unwrap())
        })
    }

    const MANY: &str = "i=0; while [ $i -lt 3000 ]; do printf '%0100d' $i; printf '%0100d' $i >&2; i=$((i + 1)); done";

    #[test]
    fn outputs_are_read_while_the_input_is_written() {
        for script in [
            "dd if=/dev/zero bs=1000 count=300; dd if=/dev/zero bs=1000 count=300 >&2; cat >/dev/null",
            "cat >/dev/null; dd if=/dev/zero bs=1000 count=300; dd if=/dev/zero bs=1000 count=300 >&2",
            "dd if=/dev/zero bs=1000 count=300 >&2; cat",
        ] {
            let (written, end) = give(script, 300_000);
            written.unwrap();
            assert!(end.success && end.output.len() >= 300_000 && end.errors.len() >= 300_000);
        }
        let end = in_time(|| ask("sh", &["-c", MANY], &[]).unwrap());
        assert_eq!((end.output.len(), end.errors.len()), (300_000, 300_000));
    }

    #[test]
    fn the_last_that_is_said_is_kept() {
        let script = "dd if=/dev/zero bs=100000 count=50 2>/dev/null; echo the end; exit 3";
        let (_, end) = give(script, 0);
        assert!(!end.success && end.output.ends_with("the end\n"));
        assert_eq!(end.output.len(), MAX_KEPT);
    }

    #[test]
    fn a_program_that_reads_nothing() {
        // What fits into the pipe is gone.
        let (written, end) = give("exit 0", 10);
        assert!(written.is_ok() || written.unwrap_err().kind() == io::ErrorKind::BrokenPipe);
        assert!(end.success);
        for (script, success) in [
            ("exit 0", true),
            ("echo why >&2; exit 3", false),
            ("head -c 5 >/dev/null; echo why >&2; exit 3", false),
            // What it has to say may take it a while.
            ("exec <&-; sleep 0.5; echo why >&2; exit 3", false),
            ("echo why >&2; kill -KILL $$", false),
        ] {
            let (written, end) = give(script, 1_000_000);
            assert_eq!(written.unwrap_err().kind(), io::ErrorKind::BrokenPipe, "{script}");
            assert_eq!(end.success, success, "{script}");
            assert_eq!(end.errors, if success { "" } else { "why\n" }, "{script}");
        }
        let end = in_time(|| ask("sh", &["-c", "echo answer"], &vec![b'x'; 1_000_000]).unwrap());
        assert_eq!((end.success, end.output.as_str()), (true, "answer\n"));
    }

    #[test]
    fn a_part_is_not_taken_for_the_whole() {
        let folder = crate::host::scratch_folder("bimanix-part").unwrap();
        let whole = folder.path().join("whole");
        let script = format!("cat >/dev/null; echo >'{}'", whole.display());
        let (failed, end) = in_time(move || {
            let mut client = start(&script);
            let failed = client.write(|stdin| {
                stdin.write_all(b"a part")?;
                Err::<(), _>(io::Error::other("the source is gone"))
            });
            (failed, client.wait().unwrap())
        });
        assert_eq!(failed.unwrap_err().to_string(), "the source is gone");
        assert!(!end.success && !whole.exists());
    }

    #[test]
    fn what_is_left_running_keeps_nobody_waiting() {
        let begun = Instant::now();
        let (_, end) = give("sleep 100 & echo $!", 0);
        assert!(begun.elapsed() < Duration::from_secs(30));
        assert!(end.success);
        let left = end.output.trim();
        assert!(run("kill", &[left]).is_ok(), "{left} is still running");
    }

    #[test]
    fn an_input_that_is_not_written_is_empty() {
        let end = in_time(|| start("cat; echo end").wait().unwrap());
        assert_eq!(end.output, "end\n");
        assert_eq!(in_time(|| run("sh", &["-c", "echo a; echo b"])).unwrap(), "a\nb");
        let failed = in_time(|| run("sh", &["-c", "echo no >&2; exit 1"])).unwrap_err();
        assert_eq!(failed.to_string(), "sh failed: no");
        let missing = Client::start("bimanix-no-such-program", &[""; 0]).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
