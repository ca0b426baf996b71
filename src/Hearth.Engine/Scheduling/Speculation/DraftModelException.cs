namespace Hearth.Engine.Scheduling.Speculation;

/// <summary>A draft model that cannot guess for the model that it was given to.</summary>
public sealed class DraftModelException : Exception
{
    private DraftModelException(string message)
        : base(message)
    {
    }

    internal static DraftModelException OtherVocabulary(string path, string difference) =>
        new($"'{path}' cannot guess for this model: {difference}. A draft model needs the same vocabulary; choose a smaller model of the same family.");

    internal static DraftModelException Recurrent(string path) =>
        new($"'{path}' cannot guess: its layers keep a state that cannot go back when a guess is wrong. Choose a draft model with attention only.");

    internal static DraftModelException RecurrentTarget(string architecture) => new(
        $"A '{architecture}' model takes no draft model: its layers keep a state that cannot go back when a guess is wrong. Load it without one.");
}
