using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hearth.Server.ModelRunner;
using Hearth.Store.Importing;
using Hearth.Store.Registries;
using Hearth.Store.Storage;

namespace Hearth.Cli.Models;

/// <summary>A model as programs see it: the object of Docker Model Runner's API, with bytes and the source beside it. Fields only ever get more.</summary>
internal sealed record ModelEntry
{
    /// <summary>The digest of its manifest; null for models in other programs' folders.</summary>
    public string? Id { get; init; }

    /// <summary>Its references in their normal form.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>When it was made, in seconds since 1970; where that is not known, when it was stored.</summary>
    public long? Created { get; init; }

    /// <summary>Bytes of everything that it is made of.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>The program whose folder it is in; null for Hearth's own.</summary>
    public string? Source { get; init; }

    /// <summary>Where it is in that folder, or the path of a file.</summary>
    public string? Location { get; init; }

    /// <summary>What its config says.</summary>
    public ModelObjectConfig? Config { get; init; }

    /// <summary>A stored model.</summary>
    public static ModelEntry Of(StoredModel model) =>
        Of(ModelObject.Of(model.Id, [.. model.References.Select(reference => reference.ToString())], model.Facts, default), model.Size) with
        {
            Created = (model.Facts.Created ?? model.Updated).ToUnixTimeSeconds(),
        };

    /// <summary>A model as the server shows it.</summary>
    public static ModelEntry Of(ModelObject model, long size) => new() { Id = model.Id, Tags = model.Tags, Created = model.Created, SizeBytes = size, Config = model.Config };

    /// <summary>A model of another program.</summary>
    public static ModelEntry Of(ForeignModel model) => new()
    {
        Tags = [model.Reference.ToString()],
        Created = model.Updated.ToUnixTimeSeconds(),
        SizeBytes = model.Size,
        Source = ModelList.NameOf(model.Source),
        Location = model.Location,
    };
}

/// <summary>What <c>hearth df --json</c> prints.</summary>
internal sealed record DiskUsageEntry(string Folder, int Models, long ModelBytes, long SharedBytes, long LinkedBytes, long UnusedBytes, long PartialBytes, long FreeBytes)
{
    public static DiskUsageEntry Of(string folder, DiskUsage usage) =>
        new(folder, usage.Models, usage.ModelBytes, usage.SharedBytes, usage.LinkedBytes, usage.UnusedBytes, usage.PartialBytes, usage.FreeBytes);
}

/// <summary>The JSON that commands on models print.</summary>
[JsonSerializable(typeof(IReadOnlyList<ModelEntry>))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(DiskUsageEntry))]
[JsonSerializable(typeof(IReadOnlyList<FoundModel>))]
internal sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is: a terminal is no HTML page.</summary>
    public static ModelJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
