use strict;
use warnings;

sub counts {
    my ($text, $length) = @_;
    my %found;
    $found{ substr $text, $_, $length }++ for 0 .. length($text) - $length;
    return %found;
}

my $text = '';
while (<STDIN>) {
    chomp;
    $text .= uc if />THREE/ ... eof and !/^>/;
}

for my $length (1, 2) {
    my %found = counts($text, $length);
    for (sort { $found{$b} <=> $found{$a} || $a cmp $b } keys %found) {
        printf "%s %.3f\n", $_, 100 * $found{$_} / (length($text) - $length + 1);
    }
    print "\n";
}
for (qw(GAT GATT GATTA GATTACA)) {
    my %found = counts($text, length);
    print $found{$_} // 0, " $_\n";
}
