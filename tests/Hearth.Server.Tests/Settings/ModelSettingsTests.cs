using Hearth.Engine.Models;
using Hearth.Engine.Templates;
using Hearth.Server.Settings;

namespace Hearth.Server.Tests.Settings;

public sealed class ModelSettingsTests
{
    [Fact]
    public void Layers_AreTakenInOrderAndSayWhereTheyAreFrom()
    {
        ModelSettings persisted = ModelSettings.None.With("temp", "0.5").With("top-k", "10");
        ModelSettings commandLine = ModelSettings.None.With("--temperature", "0.25");
        ModelHeader header = ModelHeader.Read(BuiltInModels.Resolve(BuiltInModels.Guide));

        IReadOnlyList<EffectiveSetting> all = EffectiveSetting.Describe(header, commandLine.Over(persisted).ToOptions(), commandLine, persisted);

        Assert.Contains(new EffectiveSetting("temp", "0.25", SettingOrigin.CommandLine), all);
        Assert.Contains(new EffectiveSetting("top-k", "10", SettingOrigin.Settings), all);
        Assert.Contains(new EffectiveSetting("ctx-size", "1024", SettingOrigin.Model), all);
        Assert.Contains(new EffectiveSetting("chat-template", "the model's", SettingOrigin.Model), all);
        Assert.Contains(new EffectiveSetting("top-p", "0.95", SettingOrigin.Default), all);
    }

    [Theory]
    [InlineData("t.gotmpl", "{{ range .Messages }}{{ .Content }}{{ end }}", TemplateLanguage.Go)]
    [InlineData("t.jinja", "{% for m in messages %}{{ m.content }}{% endfor %}", TemplateLanguage.Jinja)]
    public void ChatTemplate_IsOfTheLanguageThatTheFilesNameTells(string name, string text, TemplateLanguage expected)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hearth-settings-");
        try
        {
            string path = Path.Combine(folder.FullName, name);
            File.WriteAllText(path, text);
            Assert.Equal(new ChatTemplateSource(expected, text), ModelSettings.None.With("chat-template", path).ToOptions().Load.ChatTemplate);

            File.WriteAllText(path, text[..^4]);
            SettingException exception = Assert.Throws<SettingException>(() => ModelSettings.None.With("chat-template", path));
            Assert.Contains("which cannot be used: Chat template, line 1", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void EverySetting_ShowsWhatItReads()
    {
        Dictionary<string, string> values = new()
        {
            ["cache-type"] = "q8_0",
            ["cache-size"] = "12345",
            ["lora"] = "/a.gguf:0.5",
            ["draft"] = Path.GetFullPath("/d.gguf"),
            ["prefix-cache"] = Path.GetFullPath("/p"),
            ["keep-alive"] = "7m",
            ["speculation"] = "off",
            ["preload"] = "on",
            ["dry-sequence-breaker"] = "a,b",
            ["logit-bias"] = "5+1.5",
            ["ignore-eos"] = "true",
            ["samplers"] = "top_k;temperature",
            ["mirostat"] = "2",
            ["seed"] = "9",
            ["top-p"] = "0.25",
            ["min-p"] = "0.25",
            ["typical"] = "0.25",
            ["xtc-threshold"] = "0.25",
            ["xtc-probability"] = "0.25",
        };
        foreach (ModelSetting setting in ModelSettingTable.All.Where(setting => setting.Name is not ("chat-template" or "threads")))
        {
            string value = values.GetValueOrDefault(setting.Name, "2");

            Assert.Equal((setting.Name, value), (setting.Name, setting.Show(ModelSettings.None.With(setting.Name, value).ToOptions())));
        }
    }

    [Theory]
    [InlineData("ctx-size", "8192", true)]
    [InlineData("speculation", "off", true)]
    [InlineData("temp", "0.5", false)]
    [InlineData("keep-alive", "1m", false)]
    public void Change_ReloadsOnlyWhereItMust(string name, string value, bool reloads) =>
        Assert.Equal(!reloads, ModelSettings.None.LoadsAs(ModelSettings.None.With(name, value)));

    [Fact]
    public void UnknownName_IsRefusedWithTheKnownOnes()
    {
        SettingException exception = Assert.Throws<SettingException>(() => ModelSettings.None.With("--colour", "red"));

        Assert.Equal("--colour", exception.Name);
        Assert.Contains("ctx-size", exception.Message, StringComparison.Ordinal);
    }
}
