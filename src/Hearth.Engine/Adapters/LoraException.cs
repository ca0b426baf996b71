using Hearth.Engine.Errors;

namespace Hearth.Engine.Adapters;

/// <summary>Why a LoRA adapter cannot be used with a model.</summary>
public sealed class LoraException : Exception
{
    private LoraException(string message)
        : base(ErrorMessage.Limit(message))
    {
    }

    internal static LoraException NotAnAdapter(string path, string found) =>
        new($"'{path}' is no LoRA adapter: its 'general.type' and 'adapter.type' are {found}, not 'adapter' and 'lora'.");

    internal static LoraException OtherArchitecture(string path, string adapter, string model) =>
        new($"The adapter '{path}' is for the architecture '{adapter}', but the model is '{model}'. Use the model that the adapter was trained on.");

    internal static LoraException UnsupportedFeature(string path, string feature) => new($"The adapter '{path}' uses {feature}, which Hearth does not run yet.");

    internal static LoraException UnknownTensor(string path, string name) =>
        new($"The adapter '{path}' changes the tensor '{name}', which is no matrix of the model or not one that adapters can change. Use the model that the adapter was trained on.");

    internal static LoraException Incomplete(string path, string name) => new($"The adapter '{path}' has only one of '{name}.lora_a' and '{name}.lora_b'. Download or convert it again.");

    internal static LoraException Shape(string path, string name, string found, string expected) =>
        new($"The adapter '{path}' has '{name}' with the shape {found}; expected {expected}.");

    internal static LoraException UnknownId(int id, int count) => new(count == 0
        ? $"The request asks for the adapter {id}, but the model was loaded without adapters."
        : $"The request asks for the adapter {id}; the model has the adapters 0 to {count - 1}.");

    internal static LoraException InvalidScale(float scale) => new($"The scale of an adapter is {scale}; expected a finite number.");
}
