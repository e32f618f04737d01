//! Takes out of messages what a small network cannot learn from.

/// What is taken out of a text before it is cut into tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cleaning {
    /// Emoji, with the joiners and skin tones that belong to them.
    pub emoji: bool,
    /// Addresses of web pages.
    pub links: bool,
}

impl Cleaning {
    /// The text without what is taken out, and with single spaces.
    pub fn apply(&self, text: &str) -> String {
        let kept = text
            .split_whitespace()
            .filter(|word| !(self.links && is_link(word)));
        let words = kept.map(|word| {
            if self.emoji {
                without_emoji(word)
            } else {
                word.into()
            }
        });
        let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }
}

fn is_link(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '<', '[', '"']).to_lowercase();
    word.contains("://") || word.starts_with("www.")
}

fn without_emoji(word: &str) -> String {
    let mut text = String::new();
    let mut after_emoji = false;
    for c in word.chars() {
        // A zero-width joiner belongs to letters in other scripts.
        after_emoji = is_emoji(c) || after_emoji && c == '\u{200D}';
        if !after_emoji {
            text.push(c);
        }
    }
    text
}

/// Whether a character is drawn as a small picture, or only changes how one is drawn.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{1F000}'..='\u{1FAFF}' // pictures, faces, flags, skin tones
        | '\u{2600}'..='\u{27BF}' // weather, signs, hearts, hands
        | '\u{231A}'..='\u{231B}' | '\u{23E9}'..='\u{23FA}' // clocks, buttons
        | '\u{25AA}'..='\u{25AB}' | '\u{25FB}'..='\u{25FE}' | '\u{2B05}'..='\u{2B55}' // squares, arrows, stars
        | '\u{FE0F}' | '\u{20E3}' | '\u{E0020}'..='\u{E007F}') // as a picture, as a key, regions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_and_links_go_and_the_rest_stays() {
        let all = Cleaning {
            emoji: true,
            links: true,
        };
        for (text, clean) in [
            ("Hi 😀 there!", "Hi there!"),
            ("Family 👨‍👩‍👧‍👦, ❤️ and 👍🏽.", "Family , and ."),
            ("🇫🇷🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ ☀️", "1"),
            (
                "See https://example.org/a?b=c, or (www.example.org) now",
                "See or now",
            ),
            ("Fine :-) © café 日本 № 5", "Fine :-) © café 日本 № 5"),
            ("می\u{200C}خواهم क्\u{200D}ष", "می\u{200C}خواهم क्\u{200D}ष"),
            ("😀", ""),
            (" two\n lines ", "two lines"),
        ] {
            assert_eq!(all.apply(text), clean, "{text}");
        }
        let none = Cleaning {
            emoji: false,
            links: false,
        };
        assert_eq!(none.apply("Hi 😀  http://a.b"), "Hi 😀 http://a.b");
    }
}
