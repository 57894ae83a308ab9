# Turns the statements of sql/queries/*.sql ("-- name: user_by_login" before each) and the migrations sql/NNNN_name.sql into C.
# "-- works with 0044" in a migration: programs that know less than 0044 cannot work with the schema any more; without it all can.
# "-- name: session_create repeatable" changes something, and changes nothing more where the same is done twice.
# "-- name: users_search planned" is planned anew each time, for the values it is given: which index is best hangs on them.
# "-- text: user_filter" is a part of statements; a line "@user_filter" in those of its file, and in later parts, stands for it. What
# "-- text: user_word beginning fields" has as {beginning} and {fields}, "@user_word $3 $5" gives.
function c_string(text) { gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); return "\"" text "\\n\"" }
function base(path) { sub(/.*\//, "", path); return path }
function is_read(text) { return text ~ /^ *"SELECT/ && text !~ /FOR UPDATE|pg_notify/ }
function part_of(use, words, names, text, i, n) {
    n = split(use, words, " ")
    if (!(words[1] in parts) || split(parameters[words[1]], names, " ") != n - 1) { print FILENAME ": no text " use > "/dev/stderr"; bad = 1; exit 1 }
    text = parts[words[1]]
    for (i = 2; i <= n; i++) gsub("[{]" names[i - 1] "[}]", words[i], text)
    return text
}
function is_migration() { return base(FILENAME) ~ /^[0-9]+_/ }
FNR == 1 { current = part = ""; if (is_migration()) { m++; file = base(FILENAME); sub(/\.sql$/, "", file); m_name[m] = file } }
is_migration() && /^-- works with [0-9]+/ { m_works[m] = $4 + 0 }
is_migration() { m_text[m] = m_text[m] "    " c_string($0) "\n"; next }
/^-- name: / {
    name = $3
    if (name in seen) { print FILENAME ": " name " is there twice" > "/dev/stderr"; bad = 1; exit 1 }
    if (NF > 4 || (NF == 4 && $4 != "repeatable" && $4 != "planned")) { print FILENAME ": " name ": what is " $4 "?" > "/dev/stderr"; bad = 1; exit 1 }
    seen[name] = 1; n++; q_name[n] = name; q_repeatable[n] = $4 == "repeatable"; q_planned[n] = $4 == "planned"; current = n; part = ""; next
}
/^-- text: / { part = "@" $3; parts[part] = ""; parameters[part] = $0; sub(/^-- text: [^ ]+ */, "", parameters[part]); current = ""; next }
/^--/ || /^[ \t]*$/ { if (/^[ \t]*$/) part = ""; next }
/^@/ && (part != "" || current != "") {
    if (part != "") parts[part] = parts[part] part_of($0)
    else q_text[current] = q_text[current] part_of($0)
    next
}
part != "" { parts[part] = parts[part] "     " c_string($0) "\n"; next }
current == "" { print FILENAME ": a statement without a name: " $0 > "/dev/stderr"; bad = 1; exit 1 }
{
    text = $0; sub(/;[ \t]*$/, "", text)
    q_text[current] = q_text[current] "     " c_string(text) "\n"
}
END {
    if (bad) exit 1
    print "/* Made by sql/generate.awk. */"
    if (header) {
        print "#ifndef LK_STORE_QUERIES_GEN_H\n#define LK_STORE_QUERIES_GEN_H\nenum en_lk_query_t {"
        for (i = 1; i <= n; i++) print "    LK_Q_" toupper(q_name[i]) ","
        print "    LK_NUM_QUERIES\n};\n#endif"
        exit
    }
    print "#include \"store/queries.h\"\nconst lk_query_text_t lk_query_texts[] = {"
    for (i = 1; i <= n; i++) printf "    {\"%s\",\n%s     , %d, %d},\n", q_name[i], q_text[i], is_read(q_text[i]) ? 2 : q_repeatable[i], q_planned[i]
    print "    {0, 0, 0, 0}};\nconst lk_migration_t lk_migrations[] = {"
    for (i = 1; i <= m; i++) printf "    {%d, %d, \"%s\",\n%s    },\n", m_name[i] + 0, m_works[i], substr(m_name[i], 6), m_text[i]
    printf "};\nconst int lk_num_migrations = %d;\n", m
}
