namespace Hearth.Server.Observability;

/// <summary>
/// Values of the label <c>model</c>. Each makes series that stay as long as the process, so only models that are served get one, and not more than
/// <see cref="MaxModels"/>.
/// </summary>
internal sealed class ModelLabels
{
    /// <summary>Models that have a value of their own.</summary>
    public const int MaxModels = 200;

    /// <summary>The value for all further ones.</summary>
    public const string Other = "other";

    /// <summary>The value where a request was over before its model was known.</summary>
    public const string Unknown = "unknown";

    private readonly Lock _gate = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The value for a model that is served; null for none.</summary>
    public string Of(string? name)
    {
        if (name is null)
        {
            return Unknown;
        }

        lock (_gate)
        {
            return _names.Contains(name) || (_names.Count < MaxModels && _names.Add(name)) ? name : Other;
        }
    }
}
