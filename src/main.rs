//! The command line: arguments in, reports out, an exit code that says how it ended.

mod args;
mod commands;
mod config;
mod escape;
mod exit;
mod ledger;
mod log_words;
mod manifest_key;
mod output;
mod printers;
mod record;
mod sandbox;
mod settings;
#[cfg(test)]
mod specimen;
mod thumbnail;
mod time_authority;
mod walk;
mod watermark_key;
mod watermark_words;

use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Arguments, Command};
use crate::commands::{Stop, say};
use crate::config::Config;
use crate::exit::Exit;

fn main() -> ExitCode {
    // Another process of this program waits for this one: it needs neither arguments nor settings.
    let serves = std::env::args_os().nth(1).is_some_and(|word| word == sandbox::COMMAND);
    let ended = if serves {
        sandbox::serve().map(|()| Exit::Fine).map_err(Stop::Output)
    } else {
        sandbox::begin(std::env::args_os());
        run(&Arguments::parse())
    };
    match ended {
        Ok(exit) => exit.code(),
        // Whoever read the output has seen enough.
        Err(Stop::Output(err)) if err.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Stop::Output(err)) => {
            say(&format!("error: cannot write the output: {err}"));
            Exit::Unknown.code()
        }
        Err(Stop::Log(why)) => {
            say(&format!("error: {why}"));
            Exit::Unknown.code()
        }
        Err(Stop::Usage(why)) => {
            say(&format!("error: {why}\n\nFor more, try --help."));
            Exit::Usage.code()
        }
    }
}

fn run(args: &Arguments) -> Result<Exit, Stop> {
    let general = &args.general;
    let mut config = Config::load(general.config.as_deref(), general.isolated).map_err(Stop::Usage)?;
    let now = now();
    match &args.command {
        Some(Command::Label(label)) => commands::label(label, general, &mut config, now),
        Some(Command::Verify(look)) => commands::verify(look, general, &mut config, now),
        Some(Command::Scan(scan)) => commands::scan(scan, general, &mut config, now),
        Some(Command::Diff(diff)) => commands::diff(diff, general, now),
        Some(Command::Rules(rules)) => commands::rules(rules, general, now),
        Some(Command::Explain(explain)) => commands::explain(explain, general),
        Some(Command::Log(log)) => commands::log(log, general, &mut config, now),
        Some(Command::Receipt(receipt)) => commands::receipt(receipt, general),
        Some(Command::Sampled(sampled)) => commands::sampled(sampled, general),
        Some(Command::Key(key)) => commands::key(key, general, now),
        Some(Command::Models(models)) => commands::models(models, general),
        None => {
            Arguments::command().print_help()?;
            Ok(Exit::Usage)
        }
    }
}

/// The one place where the clock is read: everything else takes the moment from the context.
fn now() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the moment enters the program here")]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
