-- A CHECK that compares with a list of more than two words makes a table of the list whenever a row is written, which took most of the time of
-- entering a long list, and a good part of a hand-over. One that names them one after the other asks the same and makes none; the word of
-- a new row comes first. See 0006_upkeep.sql for why a CHECK may be replaced in place. Whoever adds a word here does it in this form.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(sql, 'excluded IN (''invalid'', ''suspended'', ''duplicate'', ''opted_out'', ''no_text'', ''too_long'')',
                       'excluded = ''invalid'' OR excluded = ''suspended'' OR excluded = ''duplicate'' OR excluded = ''opted_out''
                       OR excluded = ''no_text'' OR excluded = ''too_long''')
WHERE type = 'table' AND name = 'recipients';
UPDATE sqlite_schema
SET sql = replace(sql, 'state IN (''queued'', ''sending'', ''submitted'', ''delivered'', ''failed'',
                                                   ''unreported'', ''in_doubt'', ''expired'', ''suppressed'', ''cancelled'')',
                       'state = ''queued'' OR state = ''sending'' OR state = ''submitted'' OR state = ''delivered''
                       OR state = ''failed'' OR state = ''unreported'' OR state = ''in_doubt''
                       OR state = ''expired'' OR state = ''suppressed'' OR state = ''cancelled''')
WHERE type = 'table' AND name = 'messages';
UPDATE sqlite_schema
SET sql = replace(sql, 'state IN (''queued'', ''sending'', ''submitted'', ''delivered'', ''failed'',
                                                 ''unreported'', ''in_doubt'', ''expired'', ''suppressed'', ''cancelled'')',
                       'state = ''queued'' OR state = ''sending'' OR state = ''submitted'' OR state = ''delivered''
                       OR state = ''failed'' OR state = ''unreported'' OR state = ''in_doubt''
                       OR state = ''expired'' OR state = ''suppressed'' OR state = ''cancelled''')
WHERE type = 'table' AND name = 'segments';
UPDATE sqlite_schema
SET sql = replace(sql, 'outcome IN (''submitted'', ''refused'', ''not_sent'', ''uncertain'')',
                       'outcome = ''submitted'' OR outcome = ''refused'' OR outcome = ''not_sent'' OR outcome = ''uncertain''')
WHERE type = 'table' AND name = 'attempts';
UPDATE sqlite_schema
SET sql = replace(sql, 'settled IN (''late_answer'', ''report'', ''never_left'', ''policy'', ''operator'')',
                       'settled = ''late_answer'' OR settled = ''report'' OR settled = ''never_left'' OR settled = ''policy''
                       OR settled = ''operator''')
WHERE type = 'table' AND name = 'attempts';
UPDATE sqlite_schema
SET sql = replace(sql, 'verdict IN (''matched'', ''repeated'', ''orphan'')',
                       'verdict = ''matched'' OR verdict = ''repeated'' OR verdict = ''orphan''')
WHERE type = 'table' AND name = 'reports';
UPDATE sqlite_schema
SET sql = replace(sql, 'kind IN (''reply'', ''stop'', ''start'', ''help'', ''review'', ''operator'', ''garbled'', ''test'')',
                       'kind = ''reply'' OR kind = ''stop'' OR kind = ''start'' OR kind = ''help'' OR kind = ''review''
                       OR kind = ''operator'' OR kind = ''garbled'' OR kind = ''test''')
WHERE type = 'table' AND name = 'inbox';
UPDATE sqlite_schema
SET sql = replace(sql, 'state IN (''new'', ''read'', ''answered'')',
                       'state = ''new'' OR state = ''read'' OR state = ''answered''')
WHERE type = 'table' AND name = 'inbox';
PRAGMA writable_schema = RESET;
