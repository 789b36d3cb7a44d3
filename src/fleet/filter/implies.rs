//! When one filter shows only rows that another one shows too.

use super::haystack::subsequence;
use super::term::{Comparison, FieldTerm, Term, Test};

/// Whether `old` is certainly true wherever `new` is.
pub(super) fn implies(new: &Term, old: &Term) -> bool {
    if new == old {
        return true;
    }
    match (new, old) {
        (_, Term::And(parts)) => parts.iter().all(|part| implies(new, part)),
        (Term::Or(parts), _) => parts.iter().all(|part| implies(part, old)),
        (Term::And(parts), Term::Or(choices)) => {
            parts.iter().any(|part| implies(part, old)) || choices.iter().any(|choice| implies(new, choice))
        }
        (Term::And(parts), _) => parts.iter().any(|part| implies(part, old)),
        (_, Term::Or(choices)) => choices.iter().any(|choice| implies(new, choice)),
        (Term::Fuzzy(longer) | Term::Exact(longer), Term::Fuzzy(shorter)) => {
            let shorter: Vec<char> = shorter.chars().collect();
            subsequence(longer.chars(), &shorter, '\n')
        }
        (Term::Exact(longer), Term::Exact(shorter)) => longer.contains(&**shorter),
        (Term::Field(new), Term::Field(old)) => field_implies(new, old),
        _ => false,
    }
}

fn field_implies(new: &FieldTerm, old: &FieldTerm) -> bool {
    use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
    let (Test::Compare(new_order, new_limit), Test::Compare(old_order, old_limit)) = (&new.test, &old.test)
    else {
        return false;
    };
    new.field == old.field
        && match (new_order, old_order) {
            (Greater, Greater | GreaterOrEqual) | (GreaterOrEqual, GreaterOrEqual) => new_limit >= old_limit,
            (GreaterOrEqual, Greater) => new_limit > old_limit,
            (Less, Less | LessOrEqual) | (LessOrEqual, LessOrEqual) => new_limit <= old_limit,
            (LessOrEqual, Less) => new_limit < old_limit,
            _ => false,
        }
}
