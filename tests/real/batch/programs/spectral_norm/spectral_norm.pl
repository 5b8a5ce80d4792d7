use strict;
use warnings;
use integer;  # of indices; vectors say otherwise
use List::Util qw(sum);

my $last = 99;

sub denominator {
    my ($i, $j) = @_;
    return ($i + $j) * ($i + $j + 1) / 2 + $i + 1;
}

sub dot {
    no integer;
    my ($left, $right) = @_;
    return sum map { $left->[$_] * $right->[$_] } 0 .. $#$left;
}

sub both {
    no integer;
    my $v = shift;
    my @product = map { my $i = $_; sum map { $v->[$_] / denominator($i, $_) } 0 .. $last } 0 .. $last;
    return [map { my $i = $_; sum map { $product[$_] / denominator($_, $i) } 0 .. $last } 0 .. $last];
}

my $u = [(1) x ($last + 1)];
my $v;
for (1 .. 10) {
    $v = both($u);
    $u = both($v);
}
no integer;
printf "%.9f\n", sqrt(dot($u, $v) / dot($v, $v));
