use strict;
use warnings;

my $text = do { local $/; <STDIN> };
for my $pattern ('agg[act]aa', 'ga(tt|cc)a', '[B-Y]{2}', 'a{5,}', '(ct){3}', 'g[BDK]t|t[VWY]g', '^[acgt]+$') {
    my $count = 0;
    $count++ while $text =~ /$pattern/mg;
    print "$pattern $count\n";
}
my $bare = $text =~ s/>.*\n|\n//gr;
my $marked = $bare =~ s/[B-Y]+/<$&>/gr;
print join(' ', map { length } $text, $bare, $marked), "\n";
