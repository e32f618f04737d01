//! Questions and replies: two columns, a Messenger export, or lines that people say in turns.

use super::table::{Document, Table, TextFile, Wanted};
use crate::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use tsify::Tsify;

/// What usable files look like, for error messages.
const WANTED: Wanted = Wanted {
    record: "exchange",
    advice: "Drop a table (on each line a question, a tab and its reply), a Messenger export (message_1.json), or \
             lines in turns: first one person's, then the other's, and a blank line between two conversations.",
};

/// What a Messenger export is, for JSON that is none.
const EXPORT: &str = "that has \"messages\", each with sender_name, content and timestamp_ms. On Facebook, download \
                      your information in the format JSON, and drop the file message_1.json of a conversation.";

/// Longest name before a colon, in characters and in words.
const LONGEST_NAME: (usize, usize) = (30, 3);

/// Somebody who takes part in conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
pub struct Speaker {
    pub name: String,
    /// Messages with text, or lines.
    pub messages: u32,
    /// Turns that follow another person's.
    pub replies: u32,
}

/// Exchanges as they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conversations {
    /// The replies stand in a column beside their questions.
    Columns(Table),
    /// The replies are the turns of one speaker.
    Turns(Turns),
}

/// Conversations turn by turn, in the order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turns {
    /// One row a turn: who speaks, and what is said. The line is that of its first message, or its
    /// first message's place in the file, counted from 1.
    pub table: Table,
    /// The row that each conversation begins with.
    begins: Vec<usize>,
    /// All who speak, those with the most messages first.
    pub speakers: Vec<Speaker>,
}

impl Conversations {
    /// The rows, the names, and what was left out.
    pub fn table(&self) -> &Table {
        match self {
            Self::Columns(table) => table,
            Self::Turns(turns) => &turns.table,
        }
    }

    /// All who speak, those with the most messages first; nobody where replies stand in a column.
    pub fn speakers(&self) -> &[Speaker] {
        match self {
            Self::Columns(_) => &[],
            Self::Turns(turns) => &turns.speakers,
        }
    }

    /// Who of the speakers replies, as an index: number `bot` of them, counted from 1, or for 0 the one who
    /// replies most often. None where replies stand in a column.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] if there are not so many speakers.
    pub fn bot(&self, bot: u32) -> Result<Option<usize>> {
        let speakers = self.speakers();
        match bot {
            _ if speakers.is_empty() => Ok(None),
            0 => Ok((0..speakers.len()).max_by_key(|&index| speakers[index].replies)),
            _ if bot as usize <= speakers.len() => Ok(Some(bot as usize - 1)),
            _ => {
                let message = format!(
                    "{} people speak in {}, so nobody has the number {bot}; choose who the bot is.",
                    speakers.len(),
                    self.table().name
                );
                Err(Error::new(ErrorCode::Setting, message).on_field("bot"))
            }
        }
    }

    /// Questions and replies: of these two columns, counted from 1, or where people speak in turns, what
    /// the bot (see [`Self::bot`]) replied to others.
    ///
    /// # Errors
    /// [`ErrorCode::Setting`] if there is no such column or speaker.
    pub fn exchanges(&self, [question, reply]: [u32; 2], bot: u32) -> Result<Vec<(&str, &str)>> {
        match (self, self.bot(bot)?) {
            (Self::Columns(_), _) if question == reply => {
                let message =
                    "Questions and replies are the same column; choose two different ones.";
                Err(Error::new(ErrorCode::Setting, message).on_field("target_column"))
            }
            (Self::Columns(table), _) => {
                let pairs = table.texts([("source_column", question), ("target_column", reply)])?;
                Ok(pairs.into_iter().map(|(_, [q, r])| (q, r)).collect())
            }
            (Self::Turns(turns), bot) => {
                let name = bot.map_or("", |bot| turns.speakers[bot].name.as_str());
                let replies = turns.answered().filter(|(_, reply)| reply[0] == name);
                Ok(replies
                    .map(|(question, reply)| (question[1].as_str(), reply[1].as_str()))
                    .collect())
            }
        }
    }
}

impl Turns {
    /// Each turn with the one that follows it in the same conversation.
    fn answered(&self) -> impl Iterator<Item = (&Vec<String>, &Vec<String>)> {
        let rows = self.table.rows.windows(2).enumerate();
        rows.filter(|(index, _)| self.begins.binary_search(&(index + 1)).is_err())
            .map(|(_, pair)| (&pair[0], &pair[1]))
    }

    fn begin(&mut self) {
        // A conversation in which nothing was said is none.
        if self.begins.last() != Some(&self.table.rows.len()) {
            self.begins.push(self.table.rows.len());
        }
    }

    /// Whether the conversation under way has no turn yet.
    fn is_fresh(&self) -> bool {
        self.begins.last().copied().unwrap_or(0) == self.table.rows.len()
    }

    /// Adds a message: to the turn before where that is the same person's.
    fn say(&mut self, line: u32, speaker: &str, text: &str) {
        match self.speakers.iter_mut().find(|known| known.name == speaker) {
            Some(known) => known.messages += 1,
            None => self.speakers.push(Speaker {
                name: speaker.into(),
                messages: 1,
                replies: 0,
            }),
        }
        let fresh = self.is_fresh();
        match self.table.rows.last_mut() {
            Some(turn) if !fresh && turn[0] == speaker => {
                turn[1].push(' ');
                turn[1].push_str(text);
            }
            _ => self.table.push(line, vec![speaker.into(), text.into()]),
        }
    }

    /// Counts who replies, and puts the speakers in order.
    fn count(mut self) -> Self {
        self.table.columns = 2;
        let mut replies: HashMap<String, u32> = HashMap::new();
        for (_, reply) in self.answered() {
            *replies.entry(reply[0].clone()).or_default() += 1;
        }
        for speaker in &mut self.speakers {
            speaker.replies = replies.get(&speaker.name).copied().unwrap_or(0);
        }
        self.speakers
            .sort_by_key(|speaker| Reverse(speaker.messages));
        self
    }
}

/// Reads conversations: from a file with two or more columns, from Messenger's JSON (all files together,
/// each thread on its own), or from plain text with a line for each turn.
///
/// Messages of one person in a row make one turn. Messages without text (photos, calls) and JSON files
/// that come along in an export are passed over.
///
/// # Errors
/// [`ErrorCode::File`] with the file, the line or the message where there is one, and what to do.
pub fn read_conversations(files: &[TextFile]) -> Result<Conversations> {
    let (exports, others): (Vec<&TextFile>, Vec<&TextFile>) =
        files.iter().partition(|file| is_json(file));
    if !exports.is_empty() {
        return read_exports(&exports, others.len());
    }
    let mut documents: Vec<Document> = others
        .into_iter()
        .map(|file| Document::new(file, WANTED))
        .collect();
    if documents.iter().any(|document| !document.is_note()) {
        documents.retain(|document| !document.is_note());
    }
    let tables: Vec<&Document> = documents
        .iter()
        .filter(|document| document.is_table())
        .collect();
    match (&tables[..], &documents[..]) {
        ([], []) => {
            let message = format!("There is no file to read. {}", WANTED.advice);
            Err(Error::new(ErrorCode::File, message))
        }
        ([], _) => read_lines(&documents),
        ([table], _) => Ok(Conversations::Columns(table.table()?)),
        ([first, ..], _) => {
            let message = format!(
                "{} of these files are tables with columns, {} among them. Choose only one of them.",
                tables.len(),
                first.name
            );
            Err(first.error(message))
        }
    }
}

fn together(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => (*name).into(),
        [name, others @ ..] => format!("{name} and {} more", others.len()),
    }
}

/// The turns of files, if anybody answers anybody in them.
fn checked(turns: Turns) -> Result<Conversations> {
    let turns = turns.count();
    if turns.speakers.iter().any(|speaker| speaker.replies > 0) {
        return Ok(Conversations::Turns(turns));
    }
    let name = &turns.table.name;
    let message = match &turns.speakers[..] {
        [only] if only.messages > 1 => format!(
            "In {name} nobody but {} says anything. {}",
            only.name, WANTED.advice
        ),
        _ => format!("In {name} nobody replies to anybody. {}", WANTED.advice),
    };
    let line = turns.table.lines.first().copied().unwrap_or(1);
    Err(Error::new(ErrorCode::File, message)
        .in_file(name)
        .at_line(line))
}

// Plain text

/// Lines in turns, with names before a colon or without; every file begins a conversation.
fn read_lines(documents: &[Document]) -> Result<Conversations> {
    let mut turns = Turns::default();
    let mut named = false;
    for document in documents {
        document.check()?;
        let lines = document.lines();
        let has_names = has_names(&lines);
        named |= has_names;
        turns.begin();
        let mut speaker = 0;
        for (line, number) in lines.into_iter().map(str::trim).zip(1..) {
            if line.is_empty() {
                turns.begin();
                speaker = 0;
                continue;
            }
            match (has_names, name_and_text(line)) {
                (true, Some((name, text))) => turns.say(number, name, text),
                // A message of several lines.
                (true, None) if !turns.is_fresh() => {
                    if let Some(turn) = turns.table.rows.last_mut() {
                        turn[1].push(' ');
                        turn[1].push_str(line);
                    }
                }
                (true, None) => turns.table.reject(number, "nobody's name before it", line),
                (false, _) => {
                    let name = ["First speaker", "Second speaker"][speaker];
                    turns.say(number, name, line);
                    speaker = 1 - speaker;
                }
            }
        }
    }
    let names: Vec<&str> = documents.iter().map(|document| document.name).collect();
    turns.table.name = together(&names);
    let names = if named {
        "with names"
    } else {
        "one person's and the other's"
    };
    turns.table.format = format!("lines in turns, {names}");
    checked(turns)
}

/// Whether the lines of a file say who speaks: most of them do, and names come again.
fn has_names(lines: &[&str]) -> bool {
    let said = lines.iter().filter(|line| !line.trim().is_empty()).count();
    let names: Vec<&str> = lines
        .iter()
        .filter_map(|line| Some(name_and_text(line.trim())?.0))
        .collect();
    let distinct = names.iter().collect::<HashSet<_>>().len();
    names.len() * 2 > said && distinct <= (names.len() / 2).max(2) && !names.is_empty()
}

/// The name before the first colon, and what follows it.
fn name_and_text(line: &str) -> Option<(&str, &str)> {
    let (name, text) = line.split_once(':')?;
    let (name, text) = (name.trim(), text.strip_prefix(char::is_whitespace)?.trim());
    let fits = name.chars().count() <= LONGEST_NAME.0
        && (1..=LONGEST_NAME.1).contains(&name.split_whitespace().count())
        && name.chars().any(char::is_alphabetic)
        && !name.contains(['.', ',', '!', '?', '"']);
    (fits && !text.is_empty()).then_some((name, text))
}

// Messenger

fn is_json(file: &TextFile) -> bool {
    let named = file.name.to_lowercase().ends_with(".json");
    let mut signs = file.text.chars().filter(|c| !c.is_whitespace());
    let begins = matches!(
        (signs.next(), signs.next()),
        (Some('{'), Some('"')) | (Some('['), Some('{' | '"'))
    );
    named || begins
}

/// Why a file with the look of JSON is none, and what to do.
fn no_json(file: &TextFile, error: &serde_json::Error) -> Error {
    let name = &file.name;
    let mut lines = file.text.lines().filter(|line| !line.trim().is_empty());
    let mut next_is_whole = || {
        lines
            .next()
            .is_some_and(|line| serde_json::from_str::<Value>(line).is_ok())
    };
    if next_is_whole() && next_is_whole() {
        let message = format!(
            "{name} is JSON Lines: each line stands for itself, in a layout of its own. Make a table of it, with a \
             question, a tab and its reply on each line, and drop that."
        );
        return Error::new(ErrorCode::File, message).in_file(name);
    }
    let line = error.line();
    let message = format!(
        "{name} stops being JSON in line {line}: it is cut or damaged. Export it once more, or unpack it again."
    );
    Error::new(ErrorCode::File, message)
        .in_file(name)
        .at_line(line as u32)
}

/// One message of an export, its text repaired.
struct Message {
    /// Its place in its file, counted from 1.
    number: u32,
    time: Option<f64>,
    sender: String,
    text: String,
}

/// A Messenger conversation.
struct Thread {
    /// What its files have in common.
    key: String,
    /// The newest first.
    messages: Vec<Message>,
}

/// Reads Messenger's JSON. `beside`: how many files that are no JSON came along, and are passed over.
fn read_exports(files: &[&TextFile], beside: usize) -> Result<Conversations> {
    let mut turns = Turns::default();
    let mut threads: Vec<Thread> = Vec::new();
    let mut names = Vec::new();
    let (mut messages, mut silent) = (0, 0);
    for file in files {
        let export: Value = serde_json::from_str(file.text.trim_start_matches('\u{FEFF}'))
            .map_err(|error| no_json(file, &error))?;
        let Some(found) = export["messages"].as_array() else {
            continue;
        };
        names.push(file.name.as_str());
        messages += found.len();
        let key = thread_key(&export).unwrap_or_else(|| file.name.clone());
        let at = threads.iter().position(|thread| thread.key == key);
        let at = at.unwrap_or_else(|| {
            threads.push(Thread {
                key,
                messages: Vec::new(),
            });
            threads.len() - 1
        });
        for (message, number) in found.iter().zip(1..) {
            let sender = text_of(message, ["sender_name", "senderName"]);
            let text = text_of(message, ["content", "text"]);
            match (sender, text) {
                (_, None) => silent += 1,
                (None, Some(text)) => {
                    let reason = format!("message {number} of {} has no sender_name", file.name);
                    turns.table.reject(number, reason, &text);
                }
                (Some(sender), Some(text)) => threads[at].messages.push(Message {
                    number,
                    time: first_of(message, ["timestamp_ms", "timestamp"]).and_then(Value::as_f64),
                    sender,
                    text,
                }),
            }
        }
    }
    if names.is_empty() {
        let name = files.first().map_or("", |file| file.name.as_str());
        let message = format!("{name} is JSON, but no Messenger export: {EXPORT}");
        return Err(Error::new(ErrorCode::File, message).in_file(name));
    }
    turns.table.name = together(&names);
    let conversations = match threads.len() {
        1 => "1 conversation".into(),
        count => format!("{count} conversations"),
    };
    turns.table.format = format!("Messenger export, {conversations}");
    if silent > 0 {
        turns.table.format +=
            &format!(", {silent} of {messages} messages without text passed over");
    }
    match beside {
        0 => {}
        1 => turns.table.format += ", 1 file that is no JSON passed over",
        _ => turns.table.format += &format!(", {beside} files that are no JSON passed over"),
    }
    for Thread { mut messages, .. } in threads {
        turns.begin();
        messages.reverse();
        if messages.iter().all(|message| message.time.is_some()) {
            messages.sort_by(|a, b| a.time.unwrap_or(0.0).total_cmp(&b.time.unwrap_or(0.0)));
        }
        for message in messages {
            turns.say(message.number, &message.sender, &message.text);
        }
    }
    if turns.table.rows.is_empty() {
        let name = &turns.table.name;
        let why = match turns.table.rejected.first() {
            Some(rejected) => &rejected.reason,
            None => "there is no text in them",
        };
        let message = format!(
            "No message of {name} can be used ({why}). A Messenger export is wanted: {EXPORT}"
        );
        return Err(Error::new(ErrorCode::File, message).in_file(name));
    }
    checked(turns)
}

/// What tells the files of one conversation from those of another.
fn thread_key(export: &Value) -> Option<String> {
    let name = first_of(export, ["thread_path", "threadName"]).or(export.get("title"));
    match name.and_then(Value::as_str) {
        Some(name) => Some(name.into()),
        None => export.get("participants").map(Value::to_string),
    }
}

/// The first of two names for the same thing, which differ between kinds of export.
fn first_of<'a>(object: &'a Value, names: [&str; 2]) -> Option<&'a Value> {
    names.iter().find_map(|name| object.get(name))
}

/// A text in an export, repaired and on one line; none where it is empty.
fn text_of(object: &Value, names: [&str; 2]) -> Option<String> {
    let text = repair(first_of(object, names)?.as_str()?);
    let words: Vec<&str> = text.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Messenger writes each byte of UTF-8 as a character of its own, "Ã©" for "é": puts the bytes together
/// again. Text that is no such thing stays as it is.
fn repair(text: &str) -> String {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> TextFile {
        TextFile {
            name: name.into(),
            text: text.into(),
        }
    }

    fn read(files: &[TextFile]) -> Conversations {
        read_conversations(files).unwrap()
    }

    fn refused(name: &str, text: &str) -> Error {
        read_conversations(&[file(name, text)]).unwrap_err()
    }

    fn exchanges(conversations: &Conversations, bot: u32) -> Vec<(&str, &str)> {
        conversations.exchanges([1, 2], bot).unwrap()
    }

    const EXPORTED: &str = r#"{
        "participants": [{"name": "Zo\u00c3\u00ab"}, {"name": "Ben"}],
        "messages": [
            {"sender_name": "Ben", "timestamp_ms": 50, "content": "Caf\u00c3\u00a9? \u00f0\u009f\u0098\u0080"},
            {"sender_name": "Ben", "timestamp_ms": 45, "photos": [{"uri": "a.jpg"}]},
            {"sender_name": "Zo\u00c3\u00ab", "timestamp_ms": 40, "content": "Where to?"},
            {"sender_name": "Ben", "timestamp_ms": 30, "content": "and you?"},
            {"sender_name": "Ben", "timestamp_ms": 20, "content": "Fine,"},
            {"sender_name": "Zo\u00c3\u00ab", "timestamp_ms": 10, "content": "How are\nyou?"}
        ],
        "thread_path": "inbox/zoe"
    }"#;

    #[test]
    fn an_export_is_repaired_joined_and_turned_round() {
        let read = read(&[file("message_1.json", EXPORTED)]);
        let said = [
            ("How are you?", "Fine, and you?"),
            ("Where to?", "Café? 😀"),
        ];
        assert_eq!(exchanges(&read, 0), said);
        assert_eq!(exchanges(&read, 1), said);
        assert_eq!(exchanges(&read, 2), [("Fine, and you?", "Where to?")]);
        let speakers: Vec<_> = read
            .speakers()
            .iter()
            .map(|speaker| (speaker.name.as_str(), speaker.messages, speaker.replies))
            .collect();
        assert_eq!(speakers, [("Ben", 3, 2), ("Zoë", 2, 1)]);
        assert!(
            read.table().format.contains("1 of 6 messages"),
            "{}",
            read.table().format
        );
        let error = read.exchanges([1, 2], 3).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("bot"));
    }

    #[test]
    fn files_of_one_thread_belong_together_and_others_stay_apart() {
        let message = |sender: &str, time: u32| {
            format!(
                r#"{{"sender_name": "{sender}", "timestamp_ms": {time}, "content": "{sender}{time}"}}"#
            )
        };
        let export = |path: &str, messages: &[String]| {
            format!(
                r#"{{"thread_path": "{path}", "messages": [{}]}}"#,
                messages.join(",")
            )
        };
        let files = [
            file(
                "message_1.json",
                &export("x", &[message("A", 9), message("B", 8)]),
            ),
            file(
                "message_2.json",
                &export("x", &[message("A", 7), message("B", 6)]),
            ),
            file(
                "message_1.json",
                &export("y", &[message("B", 5), message("A", 4)]),
            ),
            file("profile.json", r#"{"name": "A"}"#),
            file("notes.txt", "One.\nTwo."),
        ];
        let read = read(&files);
        // B6 A7 B8 A9, and in the other conversation A4 B5.
        assert_eq!(exchanges(&read, 1), [("A7", "B8"), ("A4", "B5")]);
        assert_eq!(exchanges(&read, 2), [("B6", "A7"), ("B8", "A9")]);
        assert_eq!(read.table().name, "message_1.json and 2 more");
        assert_eq!(
            read.table().format,
            "Messenger export, 2 conversations, 1 file that is no JSON passed over"
        );
    }

    #[test]
    fn newer_exports_and_missing_times_are_read() {
        let text = r#"{"threadName": "t", "messages": [
            {"senderName": "B", "text": "two"}, {"senderName": "A", "text": "one"}]}"#;
        assert_eq!(
            exchanges(&read(&[file("t.json", text)]), 0),
            [("one", "two")]
        );
    }

    #[test]
    fn only_what_was_mis_decoded_is_repaired() {
        for (text, repaired) in [
            ("Ã©", "é"),
            ("â\u{82}¬ 5", "€ 5"),
            ("café", "café"),
            ("日本", "日本"),
            ("Ã© 日", "Ã© 日"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(repair(text), repaired);
        }
    }

    #[test]
    fn lines_alternate_and_a_blank_one_begins_anew() {
        let read = read(&[file(
            "talk.txt",
            "Hi.\nHello!\nHow are you?\nFine.\n\n\nBye.\nSee you.\n",
        )]);
        let replies = [
            ("Hi.", "Hello!"),
            ("How are you?", "Fine."),
            ("Bye.", "See you."),
        ];
        assert_eq!(exchanges(&read, 0), replies);
        assert_eq!(exchanges(&read, 1), [("Hello!", "How are you?")]);
        assert_eq!(read.table().lines, [1, 2, 3, 4, 7, 8]);
        let comma = read_conversations(&[file("talk.txt", "Hi, Tom.\nHello, you.\n")]).unwrap();
        assert_eq!(exchanges(&comma, 0), [("Hi, Tom.", "Hello, you.")]);
    }

    #[test]
    fn names_before_a_colon_say_who_speaks() {
        let text = "Introduction\nAnna: Hi.\nAnna: Are you there?\nBen Li: Yes: at home.\nIn the kitchen.\n\nBen Li: Bye.\nAnna: Bye!";
        let read = read(&[file("talk.txt", text)]);
        assert_eq!(
            exchanges(&read, 2),
            [("Hi. Are you there?", "Yes: at home. In the kitchen.")]
        );
        assert_eq!(exchanges(&read, 1), [("Bye.", "Bye!")]);
        assert_eq!(read.table().rejected[0].line, 1);
        // Neither a time nor an address is a name.
        let text = "See http://example.org\nAt 10:30?\nYes.\nFine.";
        assert_eq!(
            read_conversations(&[file("t.txt", text)])
                .unwrap()
                .speakers()
                .len(),
            2
        );
    }

    #[test]
    fn two_columns_are_a_table() {
        let read = read(&[file("chat.tsv", "Hi\tHello!\nBye\tSee you!\n")]);
        assert_eq!(exchanges(&read, 0), [("Hi", "Hello!"), ("Bye", "See you!")]);
        assert_eq!(read.exchanges([2, 1], 0).unwrap()[0], ("Hello!", "Hi"));
        assert_eq!(
            read.exchanges([1, 3], 0).unwrap_err().field.as_deref(),
            Some("target_column")
        );
        let error = read.exchanges([1, 1], 0).unwrap_err();
        assert!(error.message.contains("the same column"));
        assert!(read.speakers().is_empty());
    }

    #[test]
    fn what_is_of_no_use_is_refused_in_words() {
        for (name, text, line, says) in [
            ("a.json", r#"{"name": "A"}"#, None, "no Messenger export"),
            ("a.json", "[1, 2]", None, "no Messenger export"),
            (
                "a.json",
                "{\n\"messages\": [\n{]",
                Some(3),
                "stops being JSON in line 3",
            ),
            (
                "a.jsonl",
                "{\"q\": \"Hi\", \"a\": \"Hello\"}\n\n{\"q\": \"Bye\", \"a\": \"Bye\"}\n",
                None,
                "a.jsonl is JSON Lines",
            ),
            ("a.json", r#"{"messages": []}"#, None, "no text"),
            (
                "a.json",
                r#"{"messages": [{"content": "Hi"}]}"#,
                None,
                "message 1 of a.json has no sender_name",
            ),
            (
                "a.json",
                r#"{"messages": [{"sender_name": "A", "content": "Hi"}]}"#,
                Some(1),
                "nobody replies",
            ),
            ("a.txt", "", None, "is empty"),
            ("a.txt", "\nOne line.", Some(2), "nobody replies"),
            (
                "a.txt",
                "One.\n\nTwo.\n\nThree.",
                Some(1),
                "nobody but First speaker",
            ),
            (
                "a.txt",
                "Anna: Hi.\nAnna: Anybody?",
                Some(1),
                "nobody but Anna",
            ),
        ] {
            let error = refused(name, text);
            assert!(error.message.contains(says), "{text}: {}", error.message);
            assert!(
                error.message.to_lowercase().contains("drop") || error.message.contains("Export"),
                "{}",
                error.message
            );
            assert_eq!(
                (error.line, error.file.as_deref()),
                (line, Some(name)),
                "{text}"
            );
        }
        assert!(
            read_conversations(&[])
                .unwrap_err()
                .message
                .contains("no file")
        );
        let tables = [file("a.tsv", "a\tb\nc\td"), file("b.tsv", "a\tb\nc\td")];
        assert!(
            read_conversations(&tables)
                .unwrap_err()
                .message
                .contains("Choose only one")
        );
    }
}
