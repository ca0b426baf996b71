using System.Collections.Immutable;
using System.Globalization;
using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Quantization;

/// <summary>A model of <c>mixes.txt</c> and the types that llama.cpp's quantiser gave its tensors.</summary>
internal sealed class ExpectedMixes(string name, GgufMetadata metadata)
{
    private const string Always = "always";
    private readonly List<GgufTensor> _tensors = [];
    private readonly List<(string FileType, TensorType Others, List<string[]> Lines)> _types = [];
    private readonly List<string[]> _always = [];

    public string Name => name;

    public GgufMetadata Metadata => metadata;

    public IReadOnlyList<GgufTensor> Tensors => _tensors;

    public IEnumerable<string> FileTypes => _types.Select(type => type.FileType);

    public static IReadOnlyList<ExpectedMixes> All { get; } =
        Read(Path.Combine(Golden.RepositoryRoot, "tests", "Hearth.Engine.Tests", "Quantization", "mixes.txt"));

    /// <summary>The type of every tensor by its name.</summary>
    public Dictionary<string, TensorType> TypesIn(string fileType)
    {
        (_, TensorType others, List<string[]> lines) = _types.Single(type => type.FileType == fileType);
        Dictionary<string, TensorType> types = _tensors.ToDictionary(tensor => tensor.Name, _ => others);
        foreach (string[] line in _always.Concat(lines))
        {
            foreach (string suffix in line[1..])
            {
                string[] layers = [.. _tensors.Select(tensor => tensor.Name).Where(full => SuffixOf(full) == suffix)];
                Assert.True(line[0].Length == 1 || line[0].Length == layers.Length, $"{name}: {suffix} has {layers.Length} layers.");
                for (int i = 0; i < layers.Length; i++)
                {
                    types[layers[i]] = TypeOf(line[0].Length == 1 ? line[0][0] : line[0][i]);
                }
            }
        }

        return types;
    }

    private static string SuffixOf(string tensor) => tensor.StartsWith("blk.", StringComparison.Ordinal) ? tensor.Split('.', 3)[2] : tensor;

    private static TensorType TypeOf(char letter) => letter switch
    {
        'f' => TensorType.F32,
        'h' => TensorType.F16,
        'g' => TensorType.BF16,
        '8' => TensorType.Q8_0,
        'a' => TensorType.Q4_0,
        'b' => TensorType.Q4_1,
        'c' => TensorType.Q5_0,
        'd' => TensorType.Q5_1,
        '2' => TensorType.Q2_K,
        '3' => TensorType.Q3_K,
        '4' => TensorType.Q4_K,
        '5' => TensorType.Q5_K,
        '6' => TensorType.Q6_K,
        'n' => TensorType.IQ4_NL,
        'x' => TensorType.IQ4_XS,
        'm' => TensorType.MXFP4,
        _ => throw new InvalidDataException($"'{letter}' is no type."),
    };

    private static List<ExpectedMixes> Read(string path)
    {
        List<ExpectedMixes> models = [];
        foreach (string line in File.ReadLines(path).Where(line => !line.StartsWith('#')))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "model")
            {
                models.Add(new ExpectedMixes(words[1], MetadataOf(words[2], words[3..])));
            }
            else
            {
                models[^1].Add(words);
            }
        }

        return models;
    }

    private static GgufMetadata MetadataOf(string architecture, string[] numbers)
    {
        Dictionary<string, uint> values = numbers.Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => uint.Parse(pair[1], CultureInfo.InvariantCulture));
        return GgufMetadata.FromPairs(
        [
            new("general.architecture", architecture),
            new($"{architecture}.block_count", values["layers"]),
            new($"{architecture}.attention.head_count", values["heads"]),
            new($"{architecture}.attention.head_count_kv", values["kv"]),
            new($"{architecture}.expert_count", values["experts"]),
        ]);
    }

    private void Add(string[] words)
    {
        switch (words[0])
        {
            case "tensor":
                AddTensor(words[1], words[2]);
                break;
            case "layers":
                int layers = (int)metadata.GetInteger($"{metadata.GetString("general.architecture")}.block_count")!;
                for (int layer = int.Parse(words[1], CultureInfo.InvariantCulture); layer < layers; layer++)
                {
                    AddTensor($"blk.{layer}.{words[2]}", words[3]);
                }

                break;
            case Always:
                _always.Add(words[1..]);
                break;
            case "type":
                _types.Add((words[1], TypeOf(words[2][0]), []));
                break;
            default:
                _types[^1].Lines.Add(words);
                break;
        }
    }

    private void AddTensor(string tensor, string shape)
    {
        ImmutableArray<long> dimensions = [.. shape.Split('x').Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
        _tensors.Add(new GgufTensor(tensor, dimensions.Length == 1 ? TensorType.F32 : TensorType.F16, dimensions, 0, 0, 0));
    }
}
