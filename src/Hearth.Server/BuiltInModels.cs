namespace Hearth.Server;

/// <summary>Models that Hearth brings along.</summary>
public static class BuiltInModels
{
    /// <summary>The name of the small model that answers questions about Hearth.</summary>
    public const string Guide = "guide";

    /// <summary>The path of a built-in model's file, or null when the name is not one.</summary>
    public static string? Find(string name) => name == Guide ? Path.Combine(AppContext.BaseDirectory, "models", "guide.gguf") : null;

    /// <summary>The file that a user's word for a model means: a built-in name, else a path.</summary>
    public static string Resolve(string model) => Find(model) ?? model;

    /// <summary>The name to serve a model under: a built-in name as it is, a path's file name without its ending.</summary>
    public static string NameOf(string model) => Find(model) is not null ? model : Path.GetFileNameWithoutExtension(model);
}
