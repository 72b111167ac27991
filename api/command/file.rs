//! `taraf file`: reads files, has them looked at by the engine, reports, and writes what was asked
//! for. Files that are looked at are never changed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;
use taraf_scanner::pki::file::{self as doctor, FileFacts, MOST_BYTES, Secret, SetFacts};

use super::output::{colour, width};
use super::{Exit, Failure};
use crate::cli::{self, FileFormat, Lang};
use crate::export::printable::{printable, safe_json};
use crate::export::text::{self, Style};

/// Version of the meaning of the JSON below.
const SCHEMA: u16 = 1;
/// Most bytes of a file with a password.
const MOST_PASSWORD: u64 = 4096;

/// Runs the command.
pub fn run(args: &cli::File) -> Result<Exit, Failure> {
    check_outputs(args)?;
    let password = args.password_file.as_deref().map(password).transpose()?;
    let word = match &password {
        Some(secret) => Some(str::from_utf8(secret.bytes()).map_err(|_| {
            Failure::usage("the password is not UTF-8", "save the file as UTF-8 or plain ASCII")
        })?),
        None => None,
    };
    let mut files = Vec::new();
    for path in &args.paths {
        let (name, bytes) = content(path)?;
        files.push(doctor::read(&name, bytes.bytes(), word));
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    let set = doctor::together(&files, now);

    let report = match args.format {
        FileFormat::Text => {
            let style = Style { colour: colour(args.color), width: width(), verbose: false };
            text::file::report(&files, &set, now, args.lang, style)
        }
        FileFormat::Json => {
            let document = Document { schema: SCHEMA, tool: TOOL, files: &files, together: &set };
            let json = serde_json::to_string_pretty(&document);
            safe_json(json.map_err(|error| Failure::ours("the report", error))?) + "\n"
        }
    };
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(report.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::writing("the report", &error))?;

    let mut exit = match set.is_consistent() && !files.iter().any(FileFacts::is_faulty) {
        true => Exit::Done,
        false => Exit::Faulty,
    };
    if let Some(path) = &args.write_fullchain {
        let made = set.fullchain(&files).map_err(|why| match args.lang {
            Lang::Ms => why.ms,
            Lang::En => why.en,
        });
        exit = write(path, made, args, exit)?;
    }
    if let Some(path) = &args.out_pem {
        let pem: String = files.iter().map(FileFacts::pem).collect();
        let made = match (pem.is_empty(), args.lang) {
            (false, _) => Ok(pem),
            (true, Lang::Ms) => Err("tiada apa-apa untuk ditulis".to_owned()),
            (true, Lang::En) => Err("there is nothing public to write".to_owned()),
        };
        exit = write(path, made, args, exit)?;
    }
    Ok(exit)
}

const TOOL: &str = concat!("taraf ", env!("CARGO_PKG_VERSION"));

/// The report for programs.
#[derive(Serialize)]
struct Document<'a> {
    schema: u16,
    tool: &'a str,
    files: &'a [FileFacts],
    together: &'a SetFacts,
}

/// Refuses to begin where the end would be refused.
fn check_outputs(args: &cli::File) -> Result<(), Failure> {
    let outputs = [&args.write_fullchain, &args.out_pem].into_iter().flatten();
    for path in outputs.clone() {
        let same = |input: &Path| match (input.canonicalize(), path.canonicalize()) {
            (Ok(input), Ok(output)) => input == output,
            _ => false,
        };
        let shown = path.display();
        if args.paths.iter().chain(&args.password_file).any(|input| same(input)) {
            return Err(Failure::usage(
                format_args!("`{shown}` is one of the files to look at"),
                "name another file to write to; those that are looked at are never changed",
            ));
        }
        if path.exists() && !args.force {
            return Err(Failure::usage(
                format_args!("`{shown}` exists already"),
                "name another file, or overwrite it with --force",
            ));
        }
    }
    let paths: Vec<_> = outputs.collect();
    match paths[..] {
        [one, other] if one == other => Err(Failure::usage(
            format_args!("`{}` is named twice", one.display()),
            "write the chain and the clean copy to different files",
        )),
        _ => Ok(()),
    }
}

/// The name of a file and what is in it, up to one byte more than the engine takes.
fn content(path: &Path) -> Result<(String, Secret), Failure> {
    let most = MOST_BYTES as u64 + 1;
    let wrong = |what: &dyn std::fmt::Display| {
        Failure::usage(
            format_args!("`{}` cannot be read: {what}", path.display()),
            "name files that exist and may be read; `-` is standard input",
        )
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
        read.map_err(|error| Failure::ours("standard input cannot be read", error))?;
        return Ok(("standard input".to_owned(), Secret::new(bytes)));
    }
    if path.is_dir() {
        return Err(wrong(&"it is a directory; name the files in it"));
    }
    let file = File::open(path).map_err(|error| wrong(&error))?;
    let read = file.take(most).read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read.map_err(|error| wrong(&error))?;
    Ok((path.to_string_lossy().into_owned(), bytes))
}

/// The first line of the file with the password.
fn password(path: &Path) -> Result<Secret, Failure> {
    let wrong = |what: &dyn std::fmt::Display| {
        Failure::usage(
            format_args!("the password file `{}` cannot be used: {what}", path.display()),
            "give a text file with the password on its first line",
        )
    };
    let file = File::open(path).map_err(|error| wrong(&error))?;
    let mut bytes = Vec::new();
    let read = file.take(MOST_PASSWORD).read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read.map_err(|error| wrong(&error))?;
    let text = bytes.bytes().strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes.bytes());
    let line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    Ok(Secret::new(line.to_vec()))
}

/// Writes a file, or says why not.
fn write(
    path: &Path,
    made: Result<String, String>,
    args: &cli::File,
    exit: Exit,
) -> Result<Exit, Failure> {
    let shown = path.display();
    let text = match made {
        Ok(text) => text,
        Err(why) => {
            tell(&format!("error: `{shown}` was not written: {}\n", printable(&why)));
            return Ok(Exit::Faulty);
        }
    };
    // A server may be reading what is overwritten: it finds the old file whole, or the new one.
    let unfinished = match args.force {
        true => path.with_extension(format!("{}.new", std::process::id())),
        false => path.to_owned(),
    };
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&unfinished).map_err(|error| {
            Failure::usage(
                format_args!("`{shown}` cannot be written: {error}"),
                "name a file in a directory that exists and may be written to",
            )
        })?;
    let ours = |error| Failure::ours(format_args!("`{shown}` cannot be written"), error);
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(ours)?;
    if args.force {
        std::fs::rename(&unfinished, path).map_err(ours)?;
    }
    let blocks = text.matches("-----BEGIN").count();
    tell(&format!("wrote `{shown}`: {blocks} {}\n", if blocks == 1 { "block" } else { "blocks" }));
    Ok(exit)
}

/// Nobody can be told when standard error is closed, so that is no reason to stop.
fn tell(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
