using System.Collections.Concurrent;
using System.Globalization;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Output.Replies;
using Hearth.Engine.Templates;
using Hearth.Server.Chat;
using Hearth.Server.Hosting;
using Hearth.Store;
using Hearth.Store.Manifests;
using Hearth.Store.Storage;

namespace Hearth.Server.Ollama;

/// <summary>What Ollama says of a model in lists: what its file's header tells, and what its template can do.</summary>
internal sealed record OllamaDescription(DetailsBody Details, IReadOnlyList<string> Capabilities)
{
    private const int MaxCached = 4096;
    private static readonly ConcurrentDictionary<string, OllamaDescription> s_cached = new();

    /// <summary>Describes a served model.</summary>
    public static OllamaDescription Of(ServedModel served) =>
        Cached($"{OllamaModels.DigestOf(served)} {served.Options.Load.ChatTemplate?.Text}", () => Read(served.Paths, served.Options.Load.ChatTemplate));

    /// <summary>Describes a stored model; one that cannot be read by what its config says.</summary>
    public static OllamaDescription Of(ModelStore store, StoredModel model)
    {
        try
        {
            return Cached(model.Id.Hex, () =>
            {
                ModelContent content = store.Open(model);
                return Read(new GgufPaths(content.Weights), SourceOf(content.Template));
            });
        }
        catch (Exception exception) when (exception is GgufException or StoreException or ManifestException)
        {
            ModelFacts facts = model.Facts;
            return new OllamaDescription(new DetailsBody(facts.Format, facts.Architecture ?? string.Empty, facts.Parameters ?? string.Empty, facts.Quantization ?? string.Empty), []);
        }
    }

    /// <summary>Describes a file.</summary>
    /// <exception cref="GgufException">It cannot be read.</exception>
    public static OllamaDescription Read(GgufPaths paths, ChatTemplateSource? template)
    {
        using GgufFile file = paths.Open();
        GgufSummary summary = GgufSummary.Describe(file);
        DetailsBody details = new("gguf", summary.Architecture ?? string.Empty, FormatCount(summary.Parameters), summary.FileType ?? "unknown")
        {
            ContextLength = summary.ContextLength,
            EmbeddingLength = summary.EmbeddingLength,
        };
        return new OllamaDescription(details, IsEmbedder(paths, file.Metadata, summary.Architecture) ? ["embedding"] : [.. CapabilitiesOf(file.Metadata, template)]);
    }

    public static ChatTemplateSource? SourceOf(PackagedTemplate? template) => template is null ? null
        : template.Language == Store.Manifests.TemplateLanguage.Go ? ChatTemplateSource.Go(template.Text) : ChatTemplateSource.Jinja(template.Text);

    private static OllamaDescription Cached(string key, Func<OllamaDescription> read)
    {
        if (s_cached.TryGetValue(key, out OllamaDescription? known))
        {
            return known;
        }

        if (s_cached.Count >= MaxCached)
        {
            s_cached.Clear();
        }

        return s_cached[key] = read();
    }

    private static IEnumerable<string> CapabilitiesOf(GgufMetadata metadata, ChatTemplateSource? source)
    {
        yield return "completion";
        if ((source ?? (metadata.GetString("tokenizer.chat_template") is string own ? ChatTemplateSource.Jinja(own) : null)) is not ChatTemplateSource found || Parse(found) is not ChatTemplate template)
        {
            yield break;
        }

        if (TemplateAbilities.Probe(template).KnowsTools)
        {
            yield return "tools";
        }

        if (template.Features.HasFlag(ChatTemplateFeatures.Suffix))
        {
            yield return "insert";
        }

        HashSet<string> tokens = [.. metadata.GetStrings("tokenizer.ggml.tokens") ?? []];
        if (ReplyFormat.Detect(template.Source, tokens.Contains).HasReasoning)
        {
            yield return "thinking";
        }
    }

    private static ChatTemplate? Parse(ChatTemplateSource source)
    {
        try
        {
            return ChatTemplate.Parse(source);
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    private static bool IsEmbedder(GgufPaths paths, GgufMetadata metadata, string? architecture)
    {
        try
        {
            return ModelHeader.Read(paths).IsEmbedder;
        }
        catch (Exception exception) when (exception is GgufException or ModelException)
        {
            return metadata.GetInteger($"{architecture}.pooling_type") is not null;
        }
    }

    // As Ollama writes numbers of parameters: 361.82M, 1.2B.
    private static string FormatCount(long count) => count switch
    {
        >= 1_000_000_000 => Format(count / 1e9, "F1", "B"),
        >= 1_000_000 => Format(count / 1e6, "F2", "M"),
        >= 1_000 => Format(Math.Floor(count / 1e3), "F0", "K"),
        _ => count.ToString(CultureInfo.InvariantCulture),
    };

    private static string Format(double number, string format, string unit) => number.ToString(Math.Floor(number) == number ? "F0" : format, CultureInfo.InvariantCulture) + unit;
}
