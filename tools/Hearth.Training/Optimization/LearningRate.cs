namespace Hearth.Training.Optimization;

/// <summary>A linear warm-up, then half a cosine down to a twentieth of the peak.</summary>
internal sealed record LearningRate(float Peak, int WarmUp, int Steps)
{
    private const float Floor = 0.05f;

    /// <summary>The rate of a step, counted from 1.</summary>
    public float At(int step)
    {
        if (step <= WarmUp)
        {
            return Peak * step / WarmUp;
        }

        float progress = (float)(step - WarmUp) / Math.Max(1, Steps - WarmUp);
        return Peak * (Floor + (1 - Floor) * 0.5f * (1 + MathF.Cos(MathF.PI * Math.Min(1, progress))));
    }
}
