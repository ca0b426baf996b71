using System.Text.Json.Serialization;

namespace Hearth.Store.Storage;

/// <summary>The JSON of the store's own files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(BlobLink))]
[JsonSerializable(typeof(ReferenceRecord))]
[JsonSerializable(typeof(StoreLayout))]
internal sealed partial class StorageJson : JsonSerializerContext;
