using System.Text.Json.Serialization;

namespace Hearth.Engine.Grammar;

/// <summary>JSON that grammars need.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class GrammarJson : JsonSerializerContext;
