namespace Hearth.Tests.Fuzzing;

/// <summary>The tests of a <see cref="FuzzTarget"/>: inputs of its folder, and changed ones, are read or refused, in time and without much memory.</summary>
[Trait("Category", "Fuzz")]
public abstract class FuzzTests(ITestOutputHelper output)
{
    private protected abstract FuzzTarget Target { get; }

    [Fact]
    public void Corpus_IsReadOrRefused()
    {
        FuzzRun run = new(Target);
        run.ReadCorpus();
        Assert.True(run.Failures.Count == 0, run.Describe());
    }

    [Fact]
    public void ChangedInputs_AreReadOrRefused()
    {
        FuzzRun run = new(Target);
        if (FuzzOptions.Input is string input)
        {
            run.ReadOne(File.ReadAllBytes(input));
            output.WriteLine(run.LastOutcome);
        }
        else
        {
            run.ReadChanged(FuzzOptions.Rounds ?? Target.Rounds, FuzzOptions.Duration);
            output.WriteLine(run.Describe());
        }

        Assert.True(run.Failures.Count == 0, run.Describe());
        Assert.True(FuzzOptions.Input is not null || (run.Read > 0 && (run.Refused > 0 || Target.IsRefusal is null)), $"Of the inputs {run.Read} were read and {run.Refused} refused: such changes try nothing.");
    }
}
