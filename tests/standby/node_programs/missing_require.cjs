require("./no_such");
