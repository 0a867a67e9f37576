//! Answers are as the OpenAPI document says, and what it says of a question is what is taken.

use std::collections::BTreeSet;

use super::{Door, TWO, Value, json};

/// What in a value is not as its schema says, each with its place; of JSON Schema only what the document uses.
fn misfits(document: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let path = name.strip_prefix('#').unwrap();
        return misfits(document, document.pointer(path).expect(name), value, place, found);
    }
    if let Some(any) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let fits = |schema: &&Value| {
            let mut wrong = Vec::new();
            misfits(document, schema, value, place, &mut wrong);
            wrong.is_empty()
        };
        if !any.iter().any(|schema| fits(&schema)) {
            found.push(format!("{place} is none of {any:?}: {value}"));
        }
        return;
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    };
    if !types.is_empty() && !types.iter().any(|name| is(name)) {
        return found.push(format!("{place} is no {types:?}: {value}"));
    }
    if let Some(array) = value.as_array() {
        for (number, item) in array.iter().enumerate() {
            let schema = schema["prefixItems"].get(number).unwrap_or(&schema["items"]);
            assert!(schema.is_object(), "{place} says nothing of its items");
            misfits(document, schema, item, &format!("{place}[{number}]"), found);
        }
    }
    if let Some(object) = value.as_object() {
        let known = fields(document, schema);
        for name in known.iter().filter_map(|(name, _, required)| required.then_some(name)) {
            if !object.contains_key(name) {
                found.push(format!("{place} has no {name}"));
            }
        }
        for (name, value) in object {
            let field = known.iter().find(|(field, _, _)| field == name).map(|(_, schema, _)| schema);
            match field.or(others(document, schema)) {
                Some(schema) => misfits(document, schema, value, &format!("{place}.{name}"), found),
                None => found.push(format!("{place}.{name} is not in the document")),
            }
        }
    }
}

/// The fields of an object: its own and those of its parts, and whether each must be there.
fn fields(document: &Value, schema: &Value) -> Vec<(String, Value, bool)> {
    if let Some(name) = schema["$ref"].as_str() {
        return fields(document, document.pointer(name.strip_prefix('#').unwrap()).expect(name));
    }
    let mut all: Vec<_> =
        schema["allOf"].as_array().into_iter().flatten().flat_map(|part| fields(document, part)).collect();
    let required: BTreeSet<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        all.push((name.clone(), field.clone(), required.contains(name.as_str())));
    }
    all
}

/// What the fields of an object are that have no name of their own in the document.
fn others<'d>(document: &'d Value, schema: &'d Value) -> Option<&'d Value> {
    if let Some(name) = schema["$ref"].as_str() {
        return others(document, document.pointer(name.strip_prefix('#').unwrap()).expect(name));
    }
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    schema.get("additionalProperties").or_else(|| parts.find_map(|part| others(document, part)))
}

#[test]
fn answers_are_as_the_document_says() {
    let door = Door::open("");
    let rights = ["view", "people", "submit", "roster", "manage"].map(|right| ["--right", right]).concat();
    let token = door.token("semua", &rights);
    let document = door.with(&token, "GET", "/api/v1/openapi.json", None).json();
    let list = "peran;kecamatan;kelurahan;rw;nama;nomor\nRW;Coblong;Dago;1;Dewi;081200000001\nRW;Coblong;Dago;2;Eti;0812\n\
                RW;Coblong;Dago;3;Ima;081200000001\n";
    let text = "Kepada: 081234567890, 0812, 081234567890\nKelas: penting\nKirim: 2099-01-01 08:00\n\nRapat 😀 di http://a.id.\n";
    let ask = |method: &str, path: &str, content: Option<&str>| {
        let content = content.map(|content| ("application/octet-stream", content.to_owned()));
        door.tcp().ask(method, &format!("/api/v1{path}"), &[("authorization", &token)], content)
    };
    assert_eq!(door.bring(&token, "unit=damkar&name=siaga.txt", "1", TWO).status, 201);
    let mut found = Vec::new();
    for (method, path, content) in [
        ("post", "/check?unit=damkar&name=rapat.txt", Some(text)),
        ("post", "/check?unit=damkar&name=rapat.txt", Some("Kepada: tidak ada\n\nHalo\n")),
        ("post", "/roster/comparison?name=rw.csv", Some(list)),
        ("post", "/roster/imports?name=rw.csv", Some(list)),
        ("get", "/roster/imports", None),
        ("get", "/roster", None),
        ("get", "/roster/entries/1", None),
        ("get", "/audiences/count?expression=peran%3DRW", None),
        ("get", "/record/summary?from=2020-01-01T00:00:00Z&until=2099-01-01T00:00:00Z", None),
        ("get", "/glance", None),
        ("get", "/jobs", None),
        ("get", "/office", None),
    ] {
        let answer = ask(&method.to_uppercase(), path, content);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let bare = path.split('?').next().unwrap().replace("/entries/1", "/entries/{what}");
        let about = &document["paths"][format!("/api/v1{bare}")][method]["responses"]["200"]["content"];
        let schema = &about["application/json"]["schema"];
        assert!(schema.is_object(), "{path}: {about}");
        misfits(&document, schema, &answer.json(), path, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let verdict = ask("POST", "/check?unit=damkar&name=rapat.txt", Some(text)).json();
    assert!(verdict["changes"].is_array() && verdict["header"]["class"] == "important", "{verdict}");
    let mut wrong = Vec::new();
    let schema = json!({"$ref": "#/components/schemas/VerdictView"});
    misfits(&document, &schema, &json!({"accepted": 1}), "made up", &mut wrong);
    assert!(wrong.iter().any(|line| line.contains("accepted is no")) && wrong.len() > 10, "it is read: {wrong:?}");
}

#[test]
fn how_many_opt_outs_were_shown_is_a_number_within_the_bounds_that_the_document_names() {
    let door = Door::open("");
    let token = door.token("loket", &["--right", "people"]);
    let document = door.with(&token, "GET", "/api/v1/openapi.json", None).json();
    let parameters = document["paths"]["/api/v1/optouts"]["get"]["parameters"].as_array().unwrap();
    let shown = parameters.iter().find(|parameter| parameter["name"] == "shown").unwrap();
    let (least, most) = (shown["schema"]["minimum"].as_i64().unwrap(), shown["schema"]["maximum"].as_i64().unwrap());
    assert_eq!((&shown["required"], least), (&json!(false), 0), "{shown}");
    let ask = |shown: &str| {
        let path = format!("/api/v1/optouts?from=2026-01-01T00:00:00Z&shown={shown}");
        let answer = door.with(&token, "GET", &path, None);
        assert!(answer.status == 200 || answer.kind() == "application/problem+json", "{answer:?}");
        answer
    };
    for (taken, word) in [
        (true, least.to_string()),
        (true, most.to_string()),
        (false, (least - 1).to_string()),
        (false, (most + 1).to_string()),
        (false, u64::MAX.to_string()),
        (false, "dua".to_owned()),
        (false, "1.5".to_owned()),
        (false, String::new()),
    ] {
        assert_eq!(ask(&word).status == 200, taken, "{word}");
    }
    let refused = ask(&(most + 1).to_string());
    assert!(refused.status == 422 && refused.text().contains(&format!("shown is 0 to {most}")), "{refused:?}");
}
