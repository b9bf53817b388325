//! One value of an application, as a model sees it.

/// One characteristic's value in an application.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A finite number.
    Number(f64),
    /// Index of a level the training data held.
    Level(u32),
    /// No value: null, or the field is absent.
    Missing,
    /// A level the training data did not hold.
    Unseen,
    /// The model does not use the characteristic.
    Unused,
}
