using Hearth.Engine.Cache;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tests.Scheduling;

namespace Hearth.Engine.Tests.Cache;

public sealed class PrefixArchiveTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"hearth-prefixes-{Guid.NewGuid():N}");
    private readonly List<string> _warnings = [];

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("stories")]
    [InlineData("qwen3next")]
    [InlineData("mamba2")]
    public async Task ReloadedModel_FindsAKnownBeginningAndAnswersAlike(string name)
    {
        string path = name == "stories" ? Traces.Stories : Traces.Write(name);
        try
        {
            (string first, int cachedFirst) = await AskTwiceAsync(path);
            Assert.Equal(0, cachedFirst);
            string file = Assert.Single(Directory.GetFiles(_folder));
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));

            (string again, int cached) = await AskTwiceAsync(path);

            Assert.Equal(first, again);
            Assert.Equal(192, cached);
            Assert.Empty(_warnings);
        }
        finally
        {
            if (name != "stories")
            {
                File.Delete(path);
            }
        }
    }

    [Fact]
    public async Task OtherSettings_UseNothing()
    {
        await AskTwiceAsync(Traces.Stories);

        (_, int cached) = await AskTwiceAsync(Traces.Stories, contextLength: 300);

        Assert.Equal(0, cached);
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("cut")]
    [InlineData("empty")]
    [InlineData("longer count")]
    public async Task BrokenFile_IsNotUsedAndIsReplaced(string how)
    {
        (string sound, _) = await AskTwiceAsync(Traces.Stories);
        string file = Directory.GetFiles(_folder).Single();
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        byte[] broken = how switch
        {
            "flipped" => [.. bytes[..^200], (byte)(bytes[^200] ^ 1), .. bytes[^199..]],
            "cut" => bytes[..(bytes.Length / 2)],
            "empty" => [],
            _ => [.. bytes[..32], 255, 255, 255, 127, .. bytes[36..]],
        };
        await File.WriteAllBytesAsync(file, broken, TestContext.Current.CancellationToken);

        (string answer, int cached) = await AskTwiceAsync(Traces.Stories);

        Assert.Equal((sound, 0), (answer, cached));
        Assert.Contains(file, Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task FolderThatIsGone_IsToldOfAndStopsNothing()
    {
        using LanguageModel model = Load(Traces.Stories, 512);
        await AskTwiceAsync(model);
        Directory.Delete(_folder, recursive: true);
        await File.WriteAllTextAsync(_folder, "in the way", TestContext.Current.CancellationToken);
        model.Dispose();
        File.Delete(_folder);

        Assert.StartsWith("Prefixes were not saved", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void FolderThatCannotBe_IsRefused()
    {
        File.WriteAllText(_folder, "in the way");
        try
        {
            Assert.Equal(_folder, Assert.Throws<PrefixFolderException>(() => Load(Traces.Stories, 512)).Folder);
        }
        finally
        {
            File.Delete(_folder);
        }
    }

    private async Task<(string Trace, int Cached)> AskTwiceAsync(string path, int contextLength = 512)
    {
        using LanguageModel model = Load(path, contextLength);
        return await AskTwiceAsync(model);
    }

    // The first answer, and what was cached for it; the second makes the prompt's beginning one that is used again.
    private static async Task<(string Trace, int Cached)> AskTwiceAsync(LanguageModel model)
    {
        GenerationRequest request = Traces.Requests(model)[0] with { Prompt = Traces.Tokens(200, 3) };
        List<GenerationEvent> events = await Traces.EventsAsync(model, request);
        Assert.Equal(Traces.Trace(events), await Traces.RunAsync(model, request));
        return (Traces.Trace(events), Traces.Usage(events).CachedTokens);
    }

    private LanguageModel Load(string path, int contextLength) =>
        LanguageModel.Load(path, new LanguageModelOptions { Threads = 1, ContextLength = contextLength, PrefixFolder = _folder, Warn = _warnings.Add });
}
