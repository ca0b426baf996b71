using Hearth.Server.Hosting;
using Hearth.Server.Settings;

namespace Hearth.Server.Tests.Settings;

public sealed class SettingsStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string FilePath => Path.Combine(_folder.FullName, "home", "settings.json");

    [Fact]
    public void Settings_OutliveTheStoreAndMerge()
    {
        new SettingsStore(FilePath).Update("a", before => before.With("ctx-size", "4096").With("temp", "0.5"));
        new SettingsStore(FilePath).Update("b", before => before.With("parallel", "2"));
        new SettingsStore(FilePath).Update("a", before => before.With("keep-alive", "10m").With("lora", "/x.gguf", "/y.gguf:0.5"));

        ServedModelOptions options = new SettingsStore(FilePath).Get("a").ToOptions();

        Assert.Equal((4096, 0.5f, TimeSpan.FromMinutes(10)), (options.Load.ContextLength, options.Sampling.Temperature, options.KeepAlive));
        Assert.Equal([1f, 0.5f], options.Load.Adapters.Select(adapter => adapter.Scale));
        Assert.Equal(2, new SettingsStore(FilePath).Get("b").ToOptions().Load.Parallel);
        Assert.Empty(new SettingsStore(FilePath).Get("c").Values);
        Assert.Equal(["settings.json", "settings.json.lock"], Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Select(path => Path.GetFileName(path)!).Order());
    }

    [Fact]
    public void WritersOfSeveralPrograms_LoseNothing()
    {
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            new SettingsStore(FilePath).Update($"model {i % 4}", before => before.With(ModelSettingTable.All[20 + (i / 4)].Name, "1")));

        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(10, new SettingsStore(FilePath).Get($"model {i}").Values.Count));
    }

    [Fact]
    public void WhatAKilledWriterLeft_GoesWithTheNextOne()
    {
        new SettingsStore(FilePath).Update("a", before => before.With("ctx-size", "4096"));
        File.WriteAllText($"{FilePath}.0123.tmp", "half");

        new SettingsStore(FilePath).Update("a", before => before.With("ctx-size", "2048"));

        Assert.Equal(["settings.json", "settings.json.lock"], Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Select(path => Path.GetFileName(path)!).Order());
    }

    [Fact]
    public void ChangeThatFails_WritesNothing()
    {
        SettingsStore store = new(FilePath);
        store.Update("a", before => before.With("ctx-size", "4096"));
        string text = File.ReadAllText(FilePath);

        Assert.Throws<SettingException>(() => store.Update("a", before => before.With("ctx-size", "2048").With("top-p", "7")));

        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData("{", "is not valid JSON")]
    [InlineData("[]", "has no object where one is expected")]
    [InlineData("{\"models\":{\"a\":5}}", "has no object where one is expected (a)")]
    [InlineData("{\"version\":2}", "has an entry 'version'")]
    [InlineData("{\"models\":{\"a\":{\"colour\":\"red\"}}}", "says of 'a': 'colour' is not a setting")]
    [InlineData("{\"models\":{\"a\":{\"ctx-size\":-5}}}", "says of 'a': 'ctx-size' must be at least 1, not -5")]
    public void BrokenFile_IsNamedAndNeverOverwritten(string content, string reason)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, content);
        SettingsStore store = new(FilePath);

        SettingsFileException exception = Assert.Throws<SettingsFileException>(() => store.Get("a"));

        Assert.Contains(FilePath, exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<Exception>(() => store.Update("a", before => before.With("temp", "1").ToOptions() is null ? before : throw new InvalidOperationException()));
        Assert.Equal(content, File.ReadAllText(FilePath));
    }

    [Fact]
    public void OneModelsBadValue_IsOnlyThatModels()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, """{"models":{"bad":{"chat-template":"/no/such/file"},"good":{"ctx-size":512,"preload":true}}}""");
        SettingsStore store = new(FilePath);

        Assert.Throws<SettingsFileException>(() => store.Get("bad"));
        Assert.Equal((512, true), (store.Get("good").ToOptions().Load.ContextLength, store.Get("good").ToOptions().Preload));
        store.Update("bad", before => before.Without("chat-template"));
        Assert.Empty(store.Get("bad").Values);
    }
}
