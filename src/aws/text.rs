//! What texts the API takes: names, tokens, tags, sizes.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// 1 to 255 letters, digits, underscores and hyphens (`API_CreateDaemon`, `daemonName`).
pub fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Up to 36 characters of ASCII 33 to 126 (`API_CreateDaemon`, `clientToken`).
pub fn is_token(text: &str) -> bool {
    (1..=36).contains(&text.len()) && text.bytes().all(|byte| (33..=126).contains(&byte))
}

/// A tag's key: 1 to 128 characters, not AWS's own (`API_Tag`).
///
/// # Errors
/// What it breaks, in words.
pub fn tag_key(text: &str) -> Result<(), String> {
    if !(1..=128).contains(&text.chars().count()) {
        return Err("a key has 1 to 128 characters".into());
    }
    tag_text(text)
}

/// A tag's value: up to 256 characters, not AWS's own (`API_Tag`).
///
/// # Errors
/// What it breaks, in words.
pub fn tag_value(text: &str) -> Result<(), String> {
    if text.chars().count() > 256 {
        return Err("a value has at most 256 characters".into());
    }
    tag_text(text)
}

fn tag_text(text: &str) -> Result<(), String> {
    if let Some(bad) = text.chars().find(|c| !is_tag_character(*c)) {
        return Err(format!("the character {bad:?} cannot be in a tag"));
    }
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return Err("what begins with aws: is AWS's own".into());
    }
    Ok(())
}

/// The pattern of `API_Tag`: letters, separators and numbers of any script, and a few signs.
fn is_tag_character(c: char) -> bool {
    use GeneralCategoryGroup::{Letter, Number, Separator};
    "_.:/=+-@".contains(c) || matches!(c.general_category_group(), Letter | Number | Separator)
}

/// A size as text: a whole number, or so many of a unit of 1024, as in `0.5 vCPU` and `2 GB`.
pub fn size(text: &str, unit: &str) -> Option<u32> {
    let lower = text.trim().to_lowercase();
    let (digits, scale) = match lower.strip_suffix(unit) {
        Some(digits) => (digits.trim_end(), 1024.0),
        None => (lower.as_str(), 1.0),
    };
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let size = digits.parse::<f64>().ok().filter(|_| plain)? * scale;
    (size.fract() == 0.0 && (1.0..=1e8).contains(&size)).then_some(size as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_up_to_255_letters_digits_underscores_and_hyphens() {
        assert!(is_name("a") && is_name("-_9Z") && is_name(&"x".repeat(255)));
        assert!(!is_name("") && !is_name(&"x".repeat(256)) && !is_name("a.b") && !is_name("é"));
    }

    #[test]
    fn tokens_have_up_to_36_characters_from_33_to_126() {
        assert!(is_token("!~") && is_token(&"a".repeat(36)));
        assert!(
            !is_token("")
                && !is_token(&"a".repeat(37))
                && !is_token("a b")
                && !is_token("\u{7f}")
                && !is_token("é")
        );
    }

    #[test]
    fn tags_take_letters_numbers_and_spaces_of_any_script() {
        for good in ["é ß 漢字 Ω ٣ Ⅷ ½", "a+b-c=d._:/@", "\u{a0}\u{3000}", &"字".repeat(128)] {
            assert_eq!(tag_key(good), Ok(()), "{good}");
        }
        assert!(tag_value("").is_ok() && tag_value(&"字".repeat(256)).is_ok());
        for bad in ["", &"a".repeat(129), "aws:x", "AwS:x", "a,b", "a\nb", "😀", "e\u{301}"] {
            assert!(tag_key(bad).is_err(), "{bad}");
        }
        assert!(tag_value(&"a".repeat(257)).is_err() && tag_value("AWS:").is_err());
        assert!(tag_value("awsx").is_ok());
    }

    #[test]
    fn sizes_are_numbers_or_numbers_of_a_unit() {
        assert_eq!(
            (size("256", "vcpu"), size("0.5 vCPU", "vcpu"), size("2GB", "gb")),
            (Some(256), Some(512), Some(2048))
        );
        for bad in ["", "0", "x", "-1", "1.5", "1e3", "2 TB", "999999999999"] {
            assert_eq!(size(bad, "gb"), None, "{bad}");
        }
    }
}
