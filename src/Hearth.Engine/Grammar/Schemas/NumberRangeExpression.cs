using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>Numbers of a range, without exponents: each text is compared with both ends digit by digit.</summary>
/// <param name="low">The lower end, or null.</param>
/// <param name="high">The upper end, or null.</param>
/// <param name="fraction">Digits behind the point that a number of one digit in front of it may have; 0 for whole numbers.</param>
/// <param name="divisor">What whole numbers are multiples of; 1 for any.</param>
internal sealed class NumberRangeExpression(NumberBound? low, NumberBound? high, int fraction, int divisor) : Expression
{
    public override long Size => 1000;

    public override void Emit(AutomatonBuilder builder, int from, int to)
    {
        NumberBound zero = new(default, IsExclusive: false);
        if (high is not NumberBound most || most.Value.Units >= 0)
        {
            new Walk(builder, Larger(low, zero), high, fraction, divisor).Run(from, to);
        }

        if (low is not NumberBound least || least.Value.Units < 0)
        {
            int negative = builder.AddState();
            builder.AddBytes(from, (byte)'-', (byte)'-', negative);
            new Walk(builder, Larger(Negated(high), zero with { IsExclusive = true }), Negated(low), fraction, divisor).Run(negative, to);
        }
    }

    private static NumberBound? Negated(NumberBound? bound) =>
        bound is NumberBound value ? value with { Value = value.Value with { Units = -value.Value.Units } } : null;

    private static NumberBound Larger(NumberBound? bound, NumberBound other)
    {
        if (bound is not NumberBound value)
        {
            return other;
        }

        int order = value.Value.CompareTo(other.Value);
        return order > 0 || (order == 0 && value.IsExclusive) ? value : other;
    }

    /// <summary>Numbers from one that is not negative on.</summary>
    private sealed class Walk(AutomatonBuilder builder, NumberBound low, NumberBound? high, int fraction, int divisor)
    {
        private readonly Dictionary<Place, int> _states = [];
        private readonly Queue<(Place Place, int State)> _open = [];

        public void Run(int from, int to)
        {
            for (int digits = 1; digits <= JsonTexts.MaxDigits; digits++)
            {
                // As many digits in all as every reader of JSON keeps apart, but as many behind the point as the ends have.
                int scale = fraction == 0 ? 0 : Math.Max(Math.Max(low.Value.Scale, high?.Value.Scale ?? 0), Math.Min(fraction, JsonTexts.MaxDigits - digits));
                string lowest = Digits(low, scale);
                string? highest = high is NumberBound bound ? Digits(bound, scale) : null;
                if (lowest.Length > digits + scale || highest?.Length < digits + scale)
                {
                    continue;
                }

                if (fraction > 0)
                {
                    _states.Clear();
                }

                Number number = new(
                    digits, digits + scale, lowest.Length == digits + scale ? lowest : null, highest?.Length == digits + scale ? highest : null);
                _open.Enqueue((new Place(digits + scale, number.Lowest is not null, number.Highest is not null, 0), from));
                while (_open.TryDequeue(out (Place Place, int State) next))
                {
                    Follow(number, next.Place, next.State, to);
                }
            }
        }

        private void Follow(Number number, Place place, int state, int to)
        {
            int position = number.Length - place.Left;
            if (position >= number.Digits && IsInside(number, place, position))
            {
                builder.AddEmpty(state, to);
            }

            if (place.Left == 0)
            {
                return;
            }

            if (position == number.Digits)
            {
                int point = builder.AddState();
                builder.AddBytes(state, (byte)'.', (byte)'.', point);
                state = point;
            }

            int least = place.IsTightLow ? number.Lowest![position] - '0' : 0;
            int last = place.IsTightHigh ? number.Highest![position] - '0' : 9;
            for (int digit = position == 0 && number.Digits > 1 ? Math.Max(least, 1) : least; digit <= last; digit++)
            {
                Place target = new(
                    place.Left - 1,
                    place.IsTightLow && digit == least,
                    place.IsTightHigh && digit == last,
                    ((place.Remainder * 10) + digit) % divisor);
                if (!_states.TryGetValue(target, out int next))
                {
                    next = builder.AddState();
                    _states.Add(target, next);
                    _open.Enqueue((target, next));
                }

                builder.AddBytes(state, (byte)('0' + digit), (byte)('0' + digit), next);
            }
        }

        private bool IsInside(Number number, Place place, int position) =>
            place.Remainder == 0
            && (!place.IsTightLow || (IsZero(number.Lowest!, position) && !low.IsExclusive))
            && (!place.IsTightHigh || !IsZero(number.Highest!, position) || !high!.Value.IsExclusive);

        private static bool IsZero(string digits, int from) => digits.AsSpan(from).TrimStart('0').IsEmpty;

        private static string Digits(NumberBound bound, int scale) => bound.Value.At(scale).ToString().PadLeft(scale + 1, '0');

        // Numbers with so many digits in front of the point; the ends of the range, where they have as many.
        private readonly record struct Number(int Digits, int Length, string? Lowest, string? Highest);

        // What matters for the digits that are left; places of whole numbers of different lengths are the same when as many are left.
        private readonly record struct Place(int Left, bool IsTightLow, bool IsTightHigh, int Remainder);
    }
}
