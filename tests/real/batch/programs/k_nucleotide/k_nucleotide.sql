create table lines (line);
.import /dev/stdin lines

create table sequence as
select upper(group_concat(line, '')) as text
from (select line from lines
      where rowid > (select rowid from lines where line like '>THREE%') order by rowid);

create view words as
with recursive
    lengths (length) as (values (1), (2), (3), (4), (5), (7)),
    starts (start) as (select 1 union all select start + 1 from starts, sequence where start < length(text))
select length, substr(text, start, length) as word, count(*) as times, 100.0 * count(*) / (length(text) - length + 1) as share
from sequence, lengths, starts
where start <= length(text) - length + 1
group by length, word;

select printf('%s %.3f', word, share) from words where length = 1 order by times desc, word;
select '';
select printf('%s %.3f', word, share) from words where length = 2 order by times desc, word;
select '';
with wanted (word) as (values ('GAT'), ('GATT'), ('GATTA'), ('GATTACA'))
select printf('%d %s', coalesce(times, 0), word) from wanted left join words using (word) order by length(word);
