using Hearth.Training.Numerics;

namespace Hearth.Training.Text;

/// <summary>Makes training dialogues: one to five questions, each with its intent's answer, with or without a system message.</summary>
internal sealed class DialogueSampler
{
    private const double SystemMessage = 0.3;
    private const double OneTurn = 0.75;
    private const double AnotherTurn = 0.55;
    private const int MostTurns = 6;
    private const double Evenness = 0.85;

    private readonly GuideText _text;
    private readonly Augmenter _augmenter;
    private readonly double[] _limits;

    /// <summary>A sampler over a guide's text; an intent is drawn the more often the more wordings it has.</summary>
    public DialogueSampler(GuideText text)
    {
        _text = text;
        _augmenter = new Augmenter(text.Lexicon);
        double sum = 0;
        _limits = [.. text.Intents.Select(intent => sum += Math.Pow(intent.Wordings.Sum(Weight), Evenness))];
    }

    /// <summary>One dialogue.</summary>
    public Dialogue Next(DeterministicRandom random)
    {
        List<Message> messages = [];
        if (_text.Lexicon.SystemMessages.Count > 0 && random.Chance(SystemMessage))
        {
            messages.Add(new Message("system", random.Pick(_text.Lexicon.SystemMessages)));
        }

        int turns = 1;
        if (!random.Chance(OneTurn))
        {
            do
            {
                turns++;
            }
            while (turns < MostTurns && random.Chance(AnotherTurn));
        }

        for (int turn = 0; turn < turns; turn++)
        {
            Intent intent = PickIntent(random);
            messages.Add(new Message("user", _augmenter.Question(() => PickWording(intent, random), random)));
            messages.Add(new Message("assistant", random.Pick(intent.Answers)));
        }

        return new Dialogue(messages);
    }

    private static double Weight(Pattern wording) => 1 + Math.Log2(wording.Expansions);

    private static Pattern PickWording(Intent intent, DeterministicRandom random)
    {
        double place = random.NextDouble() * intent.Wordings.Sum(Weight);
        foreach (Pattern wording in intent.Wordings)
        {
            place -= Weight(wording);
            if (place < 0)
            {
                return wording;
            }
        }

        return intent.Wordings[^1];
    }

    private Intent PickIntent(DeterministicRandom random)
    {
        double place = random.NextDouble() * _limits[^1];
        int index = Array.FindIndex(_limits, limit => place < limit);
        return _text.Intents[index < 0 ? ^1 : index];
    }
}
