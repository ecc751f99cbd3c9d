//! The flags that say how registries are reached.

use crate::registry::{Limits, Security, Settings};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// How registries are reached.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Access {
    /// Speak HTTP without TLS; a registry on this machine that does not speak TLS needs no flag
    #[arg(long, conflicts_with = "ca")]
    plain_http: bool,
    /// Trust the certificates in this PEM file, beside those that this machine trusts
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Give up on a connection after this time [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    connect_timeout: Option<Duration>,
    /// Give up when the registry takes no byte for this time [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    send_timeout: Option<Duration>,
    /// Give up when the registry sends no byte of an answer for this time [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    answer_timeout: Option<Duration>,
}

impl Access {
    /// The settings that the flags and the environment make.
    pub(super) fn settings(&self) -> Settings {
        let usual = Limits::default();
        Settings {
            security: if self.plain_http {
                Security::Plain
            } else {
                Security::Tls { authority: self.ca.clone() }
            },
            limits: Limits {
                connect: self.connect_timeout.unwrap_or(usual.connect),
                send: self.send_timeout.unwrap_or(usual.send),
                answer: self.answer_timeout.unwrap_or(usual.answer),
            },
            ..Settings::from_environment()
        }
    }
}

/// A number of seconds from a hundredth to a day.
fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (0.01..=86_400.0).contains(&number) {
        Ok(Duration::from_secs_f64(number))
    } else {
        Err("it is not between 0.01 and 86400".to_owned())
    }
}
