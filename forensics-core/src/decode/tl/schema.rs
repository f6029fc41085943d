//! The table of constructors.

use std::collections::HashMap;

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `#`: bits that say which of the later fields are there.
    Flags,
    Int,
    Long,
    Double,
    String,
    Bytes,
    Bool,
    /// `flags.N?true`: the bit itself is the value; takes no bytes.
    True,
    Vector(Box<Kind>),
    /// A boxed object of this class.
    Object(Box<str>),
}

/// A field of a constructor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub name: Box<str>,
    pub kind: Kind,
    /// Which flags field (by place) and which of its bits must be set.
    pub condition: Option<(usize, u32)>,
}

/// One way in which an object of a class is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constructor {
    /// The number that an object begins with.
    pub id: u32,
    /// The class that it is a variant of.
    pub class: Box<str>,
    /// Its name.
    pub name: Box<str>,
    pub(super) fields: Vec<Field>,
}

/// All known constructors.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    constructors: Vec<Constructor>,
    by_id: HashMap<u32, usize>,
}

/// A line of the table that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the table of constructors: {why}")]
pub struct SchemaError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl Schema {
    /// Reads a table: one constructor a line, separated by tabs: id in hexadecimal, class, name, layers, source, fields
    /// (`name:type` or `name:flags.N?type`, separated by spaces). Lines that begin with `#` are comments.
    ///
    /// # Errors
    /// The first line that cannot be understood.
    pub fn parse(table: &str) -> Result<Schema, SchemaError> {
        let mut schema = Schema::default();
        for (line, text) in (1usize..).zip(table.lines()) {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let constructor = constructor(text).map_err(|why| SchemaError { line, why })?;
            let place = schema.constructors.len();
            if schema.by_id.insert(constructor.id, place).is_some() {
                return Err(SchemaError { line, why: format!("{:08x} stands twice", constructor.id) });
            }
            schema.constructors.push(constructor);
        }
        Ok(schema)
    }

    /// The constructor of this id.
    pub fn get(&self, id: u32) -> Option<&Constructor> {
        self.constructors.get(*self.by_id.get(&id)?)
    }

    /// Every constructor, in the table's order.
    pub fn constructors(&self) -> &[Constructor] {
        &self.constructors
    }
}

fn constructor(text: &str) -> Result<Constructor, String> {
    let mut columns = text.split('\t');
    let mut next = |what: &str| columns.next().ok_or_else(|| format!("no {what}"));
    let id = next("id")?;
    let id = u32::from_str_radix(id, 16).map_err(|_| format!("id {id} is no hexadecimal number"))?;
    let (class, name) = (next("class")?.into(), next("name")?.into());
    next("layers")?;
    next("source")?;
    let mut fields: Vec<Field> = Vec::new();
    for part in next("fields")?.split(' ').filter(|f| !f.is_empty()) {
        let field = field(part, &fields)?;
        fields.push(field);
    }
    Ok(Constructor { id, class, name, fields })
}

fn field(text: &str, before: &[Field]) -> Result<Field, String> {
    let (name, kind) = text.split_once(':').ok_or_else(|| format!("field {text} has no type"))?;
    let (condition, kind) = match kind.split_once('?') {
        None => (None, kind),
        Some((condition, kind)) => {
            let (flags, bit) = condition.split_once('.').ok_or_else(|| format!("condition {condition} has no bit"))?;
            let place = before.iter().position(|f| &*f.name == flags && f.kind == Kind::Flags);
            let place = place.ok_or_else(|| format!("condition {condition} names no flags"))?;
            let bit = bit.parse().ok().filter(|b| *b < 32).ok_or_else(|| format!("{bit} is no bit"))?;
            (Some((place, bit)), kind)
        }
    };
    Ok(Field { name: name.into(), kind: self::kind(kind), condition })
}

fn kind(text: &str) -> Kind {
    if let Some(item) = text.strip_prefix("Vector<").and_then(|t| t.strip_suffix('>')) {
        return Kind::Vector(Box::new(kind(item)));
    }
    match text {
        "#" => Kind::Flags,
        "int" => Kind::Int,
        "long" => Kind::Long,
        "double" => Kind::Double,
        "string" => Kind::String,
        "bytes" => Kind::Bytes,
        "Bool" => Kind::Bool,
        "true" => Kind::True,
        class => Kind::Object(class.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_must_name_flags_that_stand_before_it() {
        let error = Schema::parse("# c\n00000001\tA\ta\t*\tx\tx:flags.0?int").unwrap_err();
        assert_eq!((error.line, error.why.as_str()), (2, "condition flags.0 names no flags"));
    }

    #[test]
    fn an_id_must_not_stand_twice() {
        let error = Schema::parse("00000001\tA\ta\t*\tx\t\n00000001\tA\tb\t*\tx\t").unwrap_err();
        assert_eq!(error.why, "00000001 stands twice");
    }
}
