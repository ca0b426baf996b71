using System.Text.RegularExpressions;

namespace Hearth.Store.References;

/// <summary>Reads and shortens references. The grammar of names and tags is the one of the OCI distribution specification, section "Pulling manifests".</summary>
internal static partial class ReferenceParser
{
    private const int MaxLength = 1024;
    private const int MaxRepository = 255;
    private static readonly string[] s_dockerHub = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com"];
    private static readonly string[] s_huggingFace = ["hf.co", "huggingface.co", "www.huggingface.co"];
    private static readonly string[] s_ollama = ["registry.ollama.ai", "ollama.com", "www.ollama.com", "ollama.ai"];

    public static ModelReference Parse(string text, string defaultRegistry)
    {
        ArgumentNullException.ThrowIfNull(text);
        string trimmed = text.Trim();
        if (trimmed.Length is 0 or > MaxLength)
        {
            throw new ReferenceException(text, trimmed.Length == 0 ? "it is empty" : $"it has more than {MaxLength} characters");
        }

        (string? named, string path, bool isUrl) = SplitHost(text, trimmed);
        string host = named ?? defaultRegistry.ToLowerInvariant();
        if (s_huggingFace.Contains(host))
        {
            return ParseHuggingFace(text, isUrl ? WithoutQuery(path) : path);
        }

        if (s_ollama.Contains(host))
        {
            return ParseOllama(text, isUrl ? OllamaPath(WithoutQuery(path)) : path);
        }

        if (s_dockerHub.Contains(host))
        {
            return ParseOci(text, ModelReference.DockerHub, isUrl ? DockerHubPath(text, WithoutQuery(path)) : path);
        }

        return isUrl
            ? throw new ReferenceException(text, $"a registry is named without '{trimmed[..(trimmed.IndexOf("://", StringComparison.Ordinal) + 3)]}', as in 'registry:5000/team/model:tag'")
            : ParseOci(text, host, path);
    }

    public static string Shorten(ModelReference reference)
    {
        string tag = reference.Tag is null || (reference.Tag == ModelReference.DefaultTag && reference.Digest is null) ? string.Empty : $":{reference.Tag}";
        string end = (reference.Revision ?? reference.Digest?.ToString()) is { } suffix ? $"@{suffix}" : string.Empty;
        string place = reference.Kind == ReferenceKind.Ollama ? $"ollama.com/{reference.Repository}"
            : reference.Registry != ModelReference.DockerHub ? $"{reference.Registry}/{reference.Repository}"
            : ShortenDockerHub(reference.Repository);
        return place + tag + end;
    }

    public static ModelReference CheckTag(ModelReference reference, string tag) => reference.Kind switch
    {
        ReferenceKind.HuggingFace when HuggingFaceTag().IsMatch(tag) => new ModelReference(
            reference.Kind, reference.Registry, reference.Repository, tag == ModelReference.DefaultTag ? null : tag, null, reference.Revision),
        ReferenceKind.Oci when Tag().IsMatch(tag) => new ModelReference(reference.Kind, reference.Registry, reference.Repository, tag, null, null),
        ReferenceKind.Ollama when OllamaPart().IsMatch(tag) => new ModelReference(reference.Kind, reference.Registry, reference.Repository, tag, null, null),
        _ => throw new ReferenceException(tag, "a tag is letters, digits, '_', '.' and '-', at most 128 of them"),
    };

    // What would be read as a host, or as another organisation, is not left out.
    private static string ShortenDockerHub(string repository)
    {
        const string Prefix = ModelReference.DefaultOrganization + "/";
        string first = repository[..repository.IndexOf('/')];
        return IsHost(first) ? $"{ModelReference.DockerHub}/{repository}"
            : repository.StartsWith(Prefix, StringComparison.Ordinal) && repository.LastIndexOf('/') < Prefix.Length ? repository[Prefix.Length..]
            : repository;
    }

    private static bool IsHost(string first) => first.AsSpan().ContainsAny('.', ':') || first.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static (string? Host, string Path, bool IsUrl) SplitHost(string text, string trimmed)
    {
        int scheme = trimmed.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            string rest = trimmed[(scheme + 3)..];
            switch (trimmed[..scheme].ToLowerInvariant())
            {
                case "hf":
                    return (ModelReference.HuggingFaceHost, StripHost(rest, s_huggingFace), false);
                case "ollama":
                    return (ModelReference.OllamaHost, StripHost(rest, s_ollama), false);
                case "docker" or "oci":
                    return SplitHost(text, rest) with { IsUrl = false };
                case "https" or "http":
                    int slash = rest.IndexOf('/');
                    return slash < 0 ? throw new ReferenceException(text, "the URL names no model") : (rest[..slash].ToLowerInvariant(), rest[(slash + 1)..], true);
                default:
                    throw new ReferenceException(text, $"'{trimmed[..scheme]}' is no known scheme");
            }
        }

        int end = trimmed.IndexOf('/');
        string first = end < 0 ? string.Empty : trimmed[..end];
        return IsHost(first)
            ? (first.ToLowerInvariant(), trimmed[(end + 1)..], false)
            : (null, trimmed, false);
    }

    private static string StripHost(string path, string[] hosts) =>
        path.IndexOf('/') is > 0 and int slash && hosts.Contains(path[..slash].ToLowerInvariant()) ? path[(slash + 1)..] : path;

    private static string WithoutQuery(string path)
    {
        int end = path.AsSpan().IndexOfAny('?', '#');
        return (end < 0 ? path : path[..end]).Trim('/');
    }

    // https://ollama.com/NAMESPACE/NAME[:TAG][/tags].
    private static string OllamaPath(string path) => string.Join('/', path.Split('/').Take(2));

    // https://hub.docker.com/r/ORGANISATION/NAME[/tags], or of one's own, https://hub.docker.com/repository/docker/ORGANISATION/NAME.
    private static string DockerHubPath(string text, string path)
    {
        string[] parts = path.Split('/');
        parts = parts is ["repository", "docker", ..] ? parts[1..] : parts;
        return parts is ["r" or "docker", var organization, var name, ..] ? $"{organization}/{name}"
            : parts is ["u" or "search", ..] ? throw new ReferenceException(text, "the URL names no model")
            : path;
    }

    private static ModelReference ParseOci(string text, string registry, string path)
    {
        if (!Host().IsMatch(registry) || !Uri.TryCreate($"https://{registry}/", UriKind.Absolute, out _))
        {
            throw new ReferenceException(text, $"'{registry}' is no host of a registry");
        }

        (string rest, Digest? digest) = SplitDigest(text, path);
        (string name, string? tag) = SplitTag(rest);
        string repository = name.ToLowerInvariant();
        if (registry == ModelReference.DockerHub && !repository.Contains('/'))
        {
            repository = $"{ModelReference.DefaultOrganization}/{repository}";
        }

        if (repository.Length > MaxRepository || !Repository().IsMatch(repository))
        {
            throw new ReferenceException(text, name.Length == 0 ? "it has no name" : $"'{name}' is no name; names are of letters, digits, and single '.', '_' or '-' between them, in parts that '/' divides");
        }

        tag = string.IsNullOrEmpty(tag) ? digest is null ? ModelReference.DefaultTag : null : tag;
        return tag is null || Tag().IsMatch(tag)
            ? new ModelReference(ReferenceKind.Oci, registry, repository, tag, digest, null)
            : throw new ReferenceException(text, $"'{tag}' is no tag; tags are of letters, digits, '_', '.' and '-', at most 128 of them, and begin with none of the last two");
    }

    private static ModelReference ParseOllama(string text, string path)
    {
        (string rest, Digest? digest) = SplitDigest(text, path);
        (string name, string? tag) = SplitTag(rest);
        string repository = name.Contains('/') ? name : $"{ModelReference.OllamaLibrary}/{name}";
        tag = string.IsNullOrEmpty(tag) ? ModelReference.DefaultTag : tag;
        return OllamaRepository().IsMatch(repository) && OllamaPart().IsMatch(tag)
            ? new ModelReference(ReferenceKind.Ollama, ModelReference.OllamaHost, repository, tag, digest, null)
            : throw new ReferenceException(text, "a model of Ollama's registry is named 'ollama.com/NAMESPACE/NAME:TAG'");
    }

    private static ModelReference ParseHuggingFace(string text, string path)
    {
        string? revision = null, tag = null;
        string rest = path.Trim('/');
        if (rest.StartsWith("models/", StringComparison.Ordinal))
        {
            rest = rest["models/".Length..];
        }

        // As pasted from the browser: OWNER/REPO/(tree|blob|resolve)/REVISION[/FILE].
        string[] parts = rest.Split('/');
        if (parts is [_, var repository, "tree" or "blob" or "resolve" or "raw", var pasted, .. var file] && !repository.Contains('@'))
        {
            revision = Uri.UnescapeDataString(pasted);
            tag = file.Length > 0 ? Uri.UnescapeDataString(file[^1]) : null;
            rest = $"{parts[0]}/{parts[1]}";
        }
        else
        {
            int at = rest.IndexOf('@');
            (rest, revision) = at < 0 ? (rest, null) : (rest[..at], rest[(at + 1)..]);
            (rest, tag) = SplitTag(rest);

            // The other order, which means the same; there are no digests.
            if (!Digest.TryParse(revision, out _) && revision?.IndexOf(':') is > 0 and int colon && tag is null)
            {
                (revision, tag) = (revision[..colon], revision[(colon + 1)..]);
            }
        }

        tag = string.IsNullOrEmpty(tag) || tag == ModelReference.DefaultTag ? null : tag;
        revision = revision == "main" ? null : revision;
        return !HuggingFaceRepository().IsMatch(rest) || rest.Contains("..", StringComparison.Ordinal)
            ? throw new ReferenceException(text, "a repository of Hugging Face is named 'hf.co/OWNER/REPO[:QUANTISATION][@REVISION]'")
            : tag is not null && !HuggingFaceTag().IsMatch(tag)
            ? throw new ReferenceException(text, $"'{tag}' is neither a quantisation nor a file's name")
            : revision is not null && (!Revision().IsMatch(revision) || revision.Contains("..", StringComparison.Ordinal))
            ? throw new ReferenceException(text, $"'{revision}' is no branch, tag or commit")
            : new ModelReference(ReferenceKind.HuggingFace, ModelReference.HuggingFaceHost, rest, tag, null, revision);
    }

    private static (string Name, Digest? Digest) SplitDigest(string text, string path)
    {
        int at = path.IndexOf('@');
        return at < 0 ? (path, null)
            : Digest.TryParse(path[(at + 1)..], out Digest digest) ? (path[..at], digest)
            : throw new ReferenceException(text, "what follows '@' must be 'sha256:' and 64 hexadecimal digits");
    }

    // A colon before the last slash belongs to a port.
    private static (string Name, string? Tag) SplitTag(string path)
    {
        int colon = path.LastIndexOf(':');
        return colon > path.LastIndexOf('/') ? (path[..colon], path[(colon + 1)..]) : (path, null);
    }

    [GeneratedRegex(@"^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?)(:[0-9]{1,5})?\z")]
    private static partial Regex Host();

    [GeneratedRegex(@"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex Repository();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,79}\z")]
    private static partial Regex OllamaPart();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}/[A-Za-z0-9_][A-Za-z0-9._-]{0,79}\z")]
    private static partial Regex OllamaRepository();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9_][A-Za-z0-9._-]{0,95}\z")]
    private static partial Regex HuggingFaceRepository();

    [GeneratedRegex(@"^[A-Za-z0-9_]([A-Za-z0-9._+ -]{0,249}[A-Za-z0-9._+-])?\z")]
    private static partial Regex HuggingFaceTag();

    [GeneratedRegex(@"^(?=.{1,255}\z)[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\z")]
    private static partial Regex Revision();
}
