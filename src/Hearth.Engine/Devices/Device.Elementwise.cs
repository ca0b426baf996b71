

namespace Hearth.Engine.Devices;

/// <content>Operations element by element. A destination may be one of the inputs.</content>
public abstract partial class Device
{
    /// <summary><c>destination = activation(input)</c>.</summary>
    public abstract void Activate(Activation activation, Tensor input, Tensor destination);

    /// <summary><c>destination = activation(gate) * up</c>.</summary>
    public abstract void ActivateGated(Activation activation, Tensor gate, Tensor up, Tensor destination);

    /// <summary><c>destination += factor * source</c>.</summary>
    public abstract void Add(Tensor source, float factor, Tensor destination);

    /// <summary>Adds a vector <c>[columns]</c> to every row.</summary>
    public abstract void AddVector(Tensor tensor, Tensor vector);

    /// <summary><c>destination = a * b</c>.</summary>
    public abstract void Multiply(Tensor a, Tensor b, Tensor destination);

    /// <summary>Multiplies every row by a vector <c>[columns]</c>, in place.</summary>
    public abstract void MultiplyVector(Tensor tensor, Tensor vector);

    /// <summary>Multiplies by a constant, in place.</summary>
    public abstract void Scale(Tensor tensor, float factor);

    /// <summary>Multiplies row i by element i of <paramref name="factors"/> <c>[rows, 1]</c>, in place.</summary>
    public abstract void ScaleRows(Tensor factors, Tensor tensor);

    /// <summary><c>x = cap * tanh(x / cap)</c>, in place.</summary>
    public abstract void SoftCap(Tensor tensor, float cap);

    /// <summary>Limits values to <c>[-limit, limit]</c>, in place.</summary>
    public abstract void Clamp(Tensor tensor, float limit);

    /// <summary><c>destination[r] = Σ_c input[r, c]</c>, <c>[rows, 1]</c>; the destination is not the input.</summary>
    public abstract void SumRows(Tensor input, Tensor destination);

    /// <summary>
    /// Copies columns: <c>destination[r, destinationColumn + c] = source[r / repeat, sourceColumn + c]</c> for c below
    /// <paramref name="width"/>. With tensors that were <see cref="Tensor.Split"/>, this takes parts of heads apart and joins them; a
    /// repeat copies one row to several heads.
    /// </summary>
    public abstract void CopyColumns(Tensor source, int sourceColumn, Tensor destination, int destinationColumn, int width, int repeat = 1);
}
