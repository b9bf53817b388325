//! Base 62 for generated keys: random digits and the checksum.

use secrecy::zeroize::Zeroizing;

/// Digits in order of value; the checksum of common token scanners uses the same order.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The largest multiple of 62 that fits a byte; bytes from here on are drawn
/// again, since keeping them would favour the first eight digits.
const UNBIASED: u8 = 248;

/// Digits of a checksum: 62⁶ is more than 2³².
pub(super) const CHECKSUM_DIGITS: usize = 6;

/// Appends `count` digits from the operating system's generator, each equally likely.
pub(super) fn push_random(text: &mut String, count: usize) -> Result<(), getrandom::Error> {
    let mut bytes = Zeroizing::new([0_u8; 64]);
    let mut missing = count;
    while missing > 0 {
        getrandom::fill(bytes.as_mut_slice())?;
        for byte in bytes.iter().filter(|byte| **byte < UNBIASED).take(missing) {
            text.push(char::from(DIGITS[usize::from(byte % 62)]));
            missing -= 1;
        }
    }
    Ok(())
}

/// CRC-32 (IEEE) of `text` as six digits, big-endian, padded with `0` on the left.
pub(super) fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

/// Whether every character is a digit of base 62.
pub(super) fn is_base62(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_public_token_scanners() {
        // the example token that GitHub published with the format
        assert_eq!(checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), "0mLq17");
        assert_eq!(checksum(""), "000000");
    }

    #[test]
    fn random_digits_use_the_whole_alphabet_evenly() {
        let mut text = String::new();
        push_random(&mut text, 62_000).unwrap();
        assert_eq!(text.len(), 62_000);
        for digit in DIGITS {
            let seen = text.bytes().filter(|byte| byte == digit).count();
            // 1000 expected, standard deviation 31: eight of them either way
            assert!(
                (750..1250).contains(&seen),
                "{digit} was drawn {seen} times"
            );
        }
    }
}
