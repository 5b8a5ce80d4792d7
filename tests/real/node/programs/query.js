// SQLite, compiled to WebAssembly.
require("sql.js")().then((SQL) => {
    const database = new SQL.Database();
    database.run("create table trip (city text, day text, km real)");
    const insert = database.prepare("insert into trip values (?, ?, ?)");
    for (const row of [["Oslo", "mon", 12.5], ["Oslo", "tue", 7], ["Lima", "mon", 31.25], ["Lima", "wed", 4]]) insert.run(row);
    insert.free();
    const [{ columns, values }] = database.exec(`
        select city, count(*) as trips, sum(km) as km,
               group_concat(day, '+') as days, rank() over (order by sum(km) desc) as place
        from trip group by city order by place`);
    console.log(columns.join(" | "));
    for (const row of values) console.log(row.join(" | "));
});
