use strict;
use warnings;
use List::Util qw(max);

my $n = 8;
my ($checksum, $most, $sign) = (0, 0, 1);

sub flips {
    my @cards = @_;
    my $count = 0;
    while ((my $last = $cards[0] - 1) > 0) {
        @cards[0 .. $last] = reverse @cards[0 .. $last];
        $count++;
    }
    return $count;
}

sub visit {
    my ($begun, @left) = @_;
    if (!@left) {
        my $count = flips(@$begun);
        $most = max $most, $count;
        $checksum += $sign * $count;
        $sign = -$sign;
    }
    for my $i (0 .. $#left) {
        visit([@$begun, $left[$i]], @left[0 .. $i - 1], @left[$i + 1 .. $#left]);
    }
}

visit([], 1 .. $n);
print "$n cards: checksum $checksum, at most $most flips\n";
