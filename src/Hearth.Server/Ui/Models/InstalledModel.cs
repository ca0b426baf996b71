using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Scheduling;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.Storage;

namespace Hearth.Server.Ui.Models;

/// <summary>A model that is here: one of the store, or a file that is served.</summary>
/// <param name="Name">The name to ask for it.</param>
/// <param name="OtherNames">Its other names.</param>
/// <param name="Bytes">Bytes of everything that it is made of.</param>
/// <param name="Parameters">The number of its parameters.</param>
/// <param name="Quantization">The mix of its tensors' types.</param>
/// <param name="Context">Tokens of context that it was trained with.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="License">What it says of its licence.</param>
/// <param name="IsStored">Whether it is of the store, so that it can be tagged and removed.</param>
/// <param name="Id">The name of what it is: an ID, or a path.</param>
internal sealed record InstalledModel(
    string Name, IReadOnlyList<string> OtherNames, long Bytes, string? Parameters, string? Quantization, long? Context, string? Architecture, string? License, bool IsStored, string Id)
{
    /// <summary>What is here: files that are served, then what is stored, by name.</summary>
    public static IReadOnlyList<InstalledModel> List(ModelHost host) =>
    [
        .. host.Models.Where(served => served.Id is null).Select(Of),
        .. (host.Options.Store?.List() ?? []).Select(model => Of(host.Options.Store!, model)).OrderBy(model => model.Name, StringComparer.OrdinalIgnoreCase),
    ];

    private static InstalledModel Of(ServedModel served)
    {
        GgufSummary summary = ModelDetails.Describe(served.Paths);
        return new InstalledModel(
            served.Name, [], summary.FileLength, GgufSummary.FormatParameters(summary.Parameters), summary.FileType, summary.ContextLength, summary.Architecture, LicenseOf(summary), false, served.Path);
    }

    private static InstalledModel Of(ModelStore store, StoredModel model)
    {
        ModelFacts facts = model.Facts;
        InstalledModel listed = new(
            model.DisplayName,
            [.. model.References.Skip(1).Select(reference => reference.Display)],
            model.Size,
            facts.Parameters,
            facts.Quantization,
            facts.TrainedContext,
            facts.Architecture,
            null,
            true,
            model.Id.ToString());
        try
        {
            ModelContent content = store.Open(model);
            GgufSummary summary = ModelDetails.Describe(new GgufPaths(content.Weights));
            string? packaged = content.Licenses.Select(text => text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0)).FirstOrDefault();
            return listed with
            {
                Parameters = GgufSummary.FormatParameters(summary.Parameters),
                Quantization = summary.FileType ?? facts.Quantization,
                Context = summary.ContextLength ?? facts.TrainedContext,
                Architecture = summary.Architecture ?? facts.Architecture,
                License = LicenseOf(summary) ?? packaged,
            };
        }
        catch (Exception exception) when (exception is GgufException or ManifestException or StoreException or IOException)
        {
            return listed;
        }
    }

    private static string? LicenseOf(GgufSummary summary) => summary.Entries.FirstOrDefault(entry => entry.Key == "general.license")?.Text.Trim('"');
}

/// <summary>What a model's file says of itself, and whether it fits into memory.</summary>
/// <param name="Summary">The file's header.</param>
/// <param name="Estimate">The memory that it needs; null where it cannot be run.</param>
/// <param name="ContextLength">Tokens of context that it would have.</param>
/// <param name="Limit">Bytes that models may have together.</param>
/// <param name="Used">Bytes that loaded models have.</param>
/// <param name="FitsBeside">Whether it fits beside those that are loaded.</param>
/// <param name="Problem">Why it cannot be run.</param>
internal sealed record ModelDetails(GgufSummary? Summary, MemoryEstimate? Estimate, int ContextLength, long Limit, long Used, bool FitsBeside, string? Problem)
{
    /// <summary>Reads them. Nothing is loaded for it.</summary>
    public static ModelDetails Read(ModelHost host, string name)
    {
        try
        {
            ServedModel served = host.Find(name);
            served.Refresh();
            return new ModelDetails(
                Describe(served.Paths), served.Estimate, served.Header.ContextFor(served.Options.Load), host.MemoryBytes, host.UsedBytes, host.HasRoomFor(served), null);
        }
        catch (Exception exception) when (exception is ApiException or GgufException or ModelException or ManifestException or StoreException or ModelNotFoundException or IOException)
        {
            return new ModelDetails(null, null, 0, host.MemoryBytes, host.UsedBytes, false, ErrorTable.Describe(exception).Message);
        }
    }

    /// <summary>What a file's header says.</summary>
    /// <exception cref="GgufException">It cannot be read.</exception>
    public static GgufSummary Describe(GgufPaths paths)
    {
        using GgufFile file = paths.Open();
        return GgufSummary.Describe(file);
    }
}
