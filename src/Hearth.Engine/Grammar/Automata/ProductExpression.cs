namespace Hearth.Engine.Grammar.Automata;

/// <summary>
/// The texts that satisfy several expressions and none of others. The expressions must be regular: none may call a rule. It is found by walking
/// through their automata together.
/// </summary>
/// <param name="all">Expressions to satisfy; at least one.</param>
/// <param name="none">Expressions not to satisfy.</param>
/// <param name="budget">The work that is left for products.</param>
internal sealed class ProductExpression(IReadOnlyList<Expression> all, IReadOnlyList<Expression> none, ProductBudget budget) : Expression
{
    public override long Size { get; } = Math.Min(int.MaxValue, all.Concat(none).Sum(part => part.Size));

    public override void Emit(AutomatonBuilder builder, int from, int to) => new Walk([.. all.Select(part => new RegularAutomaton(part))], [.. none.Select(part => new RegularAutomaton(part))], budget, builder).Run(from, to);

    private sealed class Walk(RegularAutomaton[] all, RegularAutomaton[] none, ProductBudget budget, AutomatonBuilder builder)
    {
        private readonly Dictionary<string, int> _states = [];
        private readonly Queue<(int[] Place, int State)> _open = [];
        private readonly List<Dictionary<string, int>> _subsetNames = [.. none.Select(_ => new Dictionary<string, int>())];
        private readonly List<List<int[]>> _subsets = [.. none.Select(_ => new List<int[]>())];

        public void Run(int from, int to)
        {
            int[] start = [.. all.Select(automaton => automaton.Start), .. none.Select((automaton, i) => SubsetFor(i, automaton.Closure([automaton.Start])))];
            builder.AddEmpty(from, StateFor(start));
            while (_open.TryDequeue(out (int[] Place, int State) next))
            {
                budget.Spend(1);
                if (IsAccepted(next.Place))
                {
                    builder.AddEmpty(next.State, to);
                }

                Follow(next.Place, next.State, new int[next.Place.Length], 0, byte.MinValue, byte.MaxValue);
            }
        }

        private bool IsAccepted(int[] place)
        {
            for (int i = 0; i < place.Length; i++)
            {
                bool accepts = i < all.Length ? all[i].IsAccepting(place[i]) : none[i - all.Length].AnyAccepting(_subsets[i - all.Length][place[i]]);
                if (accepts != i < all.Length)
                {
                    return false;
                }
            }

            return true;
        }

        private void Follow(int[] place, int state, int[] target, int index, byte low, byte high)
        {
            budget.Spend(1);
            if (index == place.Length)
            {
                builder.AddBytes(state, low, high, StateFor([.. target]));
                return;
            }

            if (index < all.Length)
            {
                foreach ((byte first, byte last, int to) in all[index].Readers(place[index]))
                {
                    if (Math.Max(first, low) <= Math.Min(last, high))
                    {
                        target[index] = to;
                        Follow(place, state, target, index + 1, Math.Max(first, low), Math.Min(last, high));
                    }
                }

                return;
            }

            // A subset's transitions are cut where one of its members' begins or ends.
            RegularAutomaton automaton = none[index - all.Length];
            int[] subset = _subsets[index - all.Length][place[index]];
            for (int first = low; first <= high;)
            {
                int last = high;
                List<int> members = [];
                foreach (int member in subset)
                {
                    foreach ((byte begin, byte end, int to) in automaton.Readers(member))
                    {
                        budget.Spend(1);
                        if (begin <= first && first <= end)
                        {
                            members.Add(to);
                            last = Math.Min(last, end);
                        }
                        else if (begin > first)
                        {
                            last = Math.Min(last, begin - 1);
                        }
                    }
                }

                target[index] = SubsetFor(index - all.Length, automaton.Closure(members));
                Follow(place, state, target, index + 1, (byte)first, (byte)last);
                first = last + 1;
            }
        }

        private int SubsetFor(int index, int[] members)
        {
            string name = string.Join(',', members);
            if (!_subsetNames[index].TryGetValue(name, out int subset))
            {
                budget.Spend(members.Length);
                subset = _subsets[index].Count;
                _subsets[index].Add(members);
                _subsetNames[index].Add(name, subset);
            }

            return subset;
        }

        private int StateFor(int[] place)
        {
            string name = string.Join(',', place);
            if (!_states.TryGetValue(name, out int state))
            {
                if (_states.Count >= GrammarLimits.ProductStates)
                {
                    throw GrammarException.TooComplex($"conditions on one string that need more than {GrammarLimits.ProductStates} states together", "fewer");
                }

                state = builder.AddState();
                _states.Add(name, state);
                _open.Enqueue((place, state));
            }

            return state;
        }
    }
}

/// <summary>The work that all products of one schema may take.</summary>
internal sealed class ProductBudget
{
    private long _left = GrammarLimits.ProductWork;

    public void Spend(int amount)
    {
        _left -= amount;
        if (_left < 0)
        {
            throw GrammarException.TooComplex("conditions on strings that are hard to combine", "fewer of them, or simpler ones");
        }
    }
}
