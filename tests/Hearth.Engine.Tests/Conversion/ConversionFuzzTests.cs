using Hearth.Engine.Conversion;
using Hearth.Engine.Conversion.Safetensors;
using Hearth.Tests.Fuzzing;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>Model folders with a changed file: each is converted or refused.</summary>
public sealed class ConversionFuzzTests : FuzzTests, IDisposable
{
    private static readonly (string File, string Type)[] s_files =
    [
        ("config.json", "llama"), ("config.json", "phi3-long"), ("config.json", "gemma3_text"), ("tokenizer.json", "qwen2"), ("tokenizer.json", "llama3"), ("tokenizer.model", "llama"), ("tokenizer_config.json", "llama3"), ("tokenizer_config.json", "llama"),
        ("model.safetensors.index.json", "mistral"),
    ];

    private readonly TestFolder[] _folders = [.. s_files.Select(_ => new TestFolder())];
    private readonly byte[][] _sound;

    public ConversionFuzzTests(ITestOutputHelper output)
        : base(output) => _sound = [.. s_files.Select((item, index) =>
        {
            TestModels.Write(_folders[index], item.Type, files: item.File.EndsWith("index.json", StringComparison.Ordinal) ? 2 : 1);
            return File.ReadAllBytes(_folders[index].Combine(item.File));
        })];

    // Which file it is, and what it has.
    private protected override FuzzTarget Target => new("convert", Read)
    {
        Seeds = [.. _sound.Select((bytes, index) => (byte[])[(byte)index, .. bytes])],
        Words =
        [
            "\"model_type\":", "\"rope_scaling\":{\"type\":\"yarn\",\"factor\":4}", "\"vocab\":{", "\"merges\":[", "\"added_tokens\":[", "\"pre_tokenizer\":", "\"normalizer\":", "\"decoder\":", "\"type\":\"Sequence\",", "\"type\":\"BPE\"", "\"pretokenizers\":[", "\"Regex\":\"",
            "\"byte_fallback\":true", "\"id\":4294967295", "\"special\":true", "\"bos_token\":{\"content\":\"<s>\"}", "\"chat_template\":[{\"name\":\"default\",\"template\":\"x\"}]", "\"weight_map\":{", "\"../x.safetensors\"", "null", "[]", "{}", "\"\\ud800\"", "-1", "1e999", "\u0001", "\u007f",
        ],
        IsRefusal = FuzzTarget.Refusals(typeof(ConversionException), typeof(SafetensorsException)),
        Rounds = 300,
        AllocationBase = 16 * 1024 * 1024,
        AllocationPerByte = 1024,
    };

    public void Dispose() => Array.ForEach(_folders, folder => folder.Dispose());

    private string Read(byte[] bytes)
    {
        int index = bytes.Length == 0 ? 0 : bytes[0] % s_files.Length;
        _folders[index].Write(s_files[index].File, bytes.Length == 0 ? [] : bytes[1..]);
        using ModelConversion conversion = ModelConversion.Open(_folders[index].Folder, new ConversionOptions());
        return $"{conversion.Architecture} {string.Concat(conversion.Notes.Select(note => note.Length > 20 ? note[..20] : note))}";
    }
}
