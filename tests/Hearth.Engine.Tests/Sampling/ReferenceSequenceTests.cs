using Hearth.Engine.Sampling;

namespace Hearth.Engine.Tests.Sampling;

/// <summary>
/// Sequences that llama.cpp's samplers (August 2026) drew from the same logits, options and seed, after a prompt of 20 tokens. They go
/// through its chain in the order of common/sampling.cpp.
/// </summary>
public class ReferenceSequenceTests
{
    public static TheoryData<string, int, SamplingOptions, int[]> Cases() => new()
    {
        {
            "default",
            32000,
            new SamplingOptions { Seed = 42 },
            [
                5779, 23393, 4452, 14310, 8903, 19250, 14697, 5753, 26483, 23722, 8921, 29851, 14134, 26206, 26009, 20506, 14731, 21379,
                13745, 16704, 17881, 18450, 7252, 16153, 21753, 9604, 9696, 27707, 1570, 20320, 20492, 29473, 8177, 20195, 17379, 30653,
                9079, 18730, 25487, 17847,
            ]
        },
        {
            "plain",
            1000,
            new SamplingOptions { Seed = 1, Temperature = 1, TopK = 0, TopP = 1, MinP = 0 },
            [
                998, 906, 117, 992, 248, 397, 392, 700, 938, 849, 308, 567, 457, 159, 577, 871, 413, 436, 932, 725, 723, 791, 99, 528,
                868, 816, 776, 246, 63, 634, 605, 667, 393, 225, 286, 136, 845, 410, 29, 640,
            ]
        },
        {
            "topp",
            5000,
            new SamplingOptions { Seed = 7, Temperature = 1.3f, TopK = 0, TopP = 0.9f, MinP = 0 },
            [
                209, 4094, 1096, 4565, 1913, 4677, 3775, 1698, 2660, 2120, 4866, 1953, 3653, 3730, 3349, 1127, 2687, 4703, 4920, 3082,
                588, 4267, 3399, 1332, 144, 2117, 815, 336, 1157, 3753, 512, 2739, 2598, 1622, 4545, 4020, 3796, 4343, 73, 143,
            ]
        },
        {
            "minp",
            5000,
            new SamplingOptions { Seed = 7, Temperature = 1.5f, TopK = 0, TopP = 1, MinP = 0.1f },
            [
                1047, 1613, 4909, 2299, 1526, 1370, 409, 2076, 116, 2623, 4361, 1671, 1974, 3509, 3495, 3482, 1882, 4544, 1218, 3796,
                1224, 4300, 817, 4028, 4719, 2308, 1926, 1719, 1108, 472, 2310, 3045, 4780, 1544, 1365, 2335, 4737, 805, 707, 549,
            ]
        },
        {
            "typical",
            1000,
            new SamplingOptions { Seed = 3, TopK = 0, TopP = 1, MinP = 0, TypicalP = 0.5f },
            [
                141, 857, 506, 166, 697, 363, 679, 487, 116, 143, 227, 102, 798, 78, 527, 751, 79, 817, 810, 532, 51, 723, 465, 158,
                457, 470, 230, 500, 490, 875, 13, 680, 76, 878, 999, 802, 641, 79, 962, 683,
            ]
        },
        {
            "sigma",
            1000,
            new SamplingOptions { Seed = 3, Temperature = 1.5f, TopNSigma = 0.5f, TopK = 0, TopP = 1, MinP = 0 },
            [
                79, 815, 93, 519, 452, 15, 42, 315, 125, 728, 179, 500, 231, 326, 526, 871, 805, 975, 374, 556, 320, 608, 235, 490, 791,
                810, 285, 883, 715, 24, 157, 336, 837, 432, 382, 438, 847, 722, 18, 330,
            ]
        },
        {
            "penalties",
            16,
            new SamplingOptions { Seed = 5, RepeatPenalty = 1.3f, PresencePenalty = 0.5f, FrequencyPenalty = 0.25f, RepeatLastN = 12 },
            [
                9, 3, 4, 7, 2, 15, 13, 2, 1, 7, 0, 11, 10, 5, 5, 4, 9, 12, 6, 3, 12, 1, 14, 15, 4, 0, 7, 13, 4, 9, 13, 5, 4, 8, 0, 5,
                14, 10, 12, 2,
            ]
        },
        {
            "dry",
            6,
            new SamplingOptions { Seed = 5, Temperature = 2, DryMultiplier = 1.5f, DryPenaltyLastN = 40 },
            [
                0, 3, 1, 4, 0, 5, 3, 2, 1, 5, 0, 2, 5, 1, 0, 4, 4, 4, 4, 0, 3, 4, 5, 5, 4, 5, 3, 0, 4, 4, 3, 4, 4, 2, 2, 5, 3, 3, 4, 2,
            ]
        },
        {
            "drybreak",
            6,
            new SamplingOptions { Seed = 6, Temperature = 3, DryMultiplier = 1.5f, DryPenaltyLastN = 40, DryAllowedLength = 1 },
            [
                4, 3, 0, 4, 2, 5, 3, 5, 1, 5, 0, 0, 5, 5, 0, 4, 4, 0, 3, 3, 0, 4, 5, 5, 3, 5, 3, 0, 4, 4, 3, 5, 4, 2, 1, 5, 2, 3, 5, 2,
            ]
        },
        {
            "xtc",
            1000,
            new SamplingOptions { Seed = 9, Temperature = 1, XtcProbability = 0.5f, XtcThreshold = 0.05f },
            [
                386, 798, 226, 409, 389, 350, 146, 820, 249, 961, 843, 837, 197, 907, 299, 425, 302, 943, 815, 441, 787, 25, 272, 33,
                241, 413, 397, 952, 715, 90, 958, 153, 588, 532, 411, 245, 71, 410, 689, 235,
            ]
        },
        {
            "dynatemp",
            1000,
            new SamplingOptions { Seed = 9, Temperature = 1, DynamicTemperatureRange = 0.7f, DynamicTemperatureExponent = 1.5f, MinP = 0 },
            [
                615, 364, 226, 409, 389, 574, 146, 820, 431, 88, 276, 389, 197, 907, 681, 425, 302, 943, 362, 680, 101, 938, 88, 396,
                42, 722, 397, 952, 949, 773, 958, 153, 404, 981, 521, 245, 71, 542, 689, 578,
            ]
        },
        {
            "mirostat1",
            1000,
            new SamplingOptions { Seed = 11, Mirostat = 1, Temperature = 1.2f, MirostatTau = 3 },
            [
                210, 232, 226, 583, 389, 91, 750, 991, 808, 728, 755, 971, 36, 796, 356, 871, 975, 941, 160, 216, 509, 780, 22, 963,
                868, 296, 976, 268, 28, 314, 555, 833, 135, 366, 999, 136, 515, 69, 488, 588,
            ]
        },
        {
            "mirostat2",
            1000,
            new SamplingOptions { Seed = 11, Mirostat = 2, Temperature = 1.2f, MirostatTau = 3 },
            [
                210, 232, 226, 409, 314, 662, 750, 993, 414, 177, 614, 708, 681, 360, 806, 871, 528, 458, 160, 546, 368, 646, 584, 928,
                667, 647, 633, 725, 239, 314, 715, 158, 299, 366, 543, 64, 566, 69, 856, 575,
            ]
        },
        {
            "keep",
            1000,
            new SamplingOptions { Seed = 4294967294, Temperature = 2, MinKeep = 7, TopP = 0.1f, MinP = 0.9f },
            [
                210, 366, 361, 438, 150, 807, 201, 476, 958, 784, 577, 570, 36, 347, 407, 864, 983, 193, 756, 860, 803, 496, 209, 129,
                542, 647, 137, 725, 320, 74, 141, 574, 974, 605, 799, 777, 832, 642, 868, 588,
            ]
        },
        {
            "order",
            1000,
            new SamplingOptions
            {
                Seed = 77,
                Temperature = 1.7f,
                TypicalP = 0.9f,
                RepeatPenalty = 1.2f,
                XtcProbability = 0.3f,
                Samplers = SamplerNames.ParseLetters("tmpykex"),
            },
            [
                913, 585, 392, 364, 441, 171, 675, 389, 668, 303, 242, 432, 537, 467, 457, 322, 139, 398, 772, 346, 932, 196, 585, 102,
                336, 243, 276, 212, 225, 858, 777, 945, 371, 937, 131, 964, 451, 753, 795, 315,
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draws_the_same_tokens(string name, int vocabularySize, SamplingOptions options, int[] expected)
    {
        var breakers = name == "drybreak" ? DryBreakers.FromTokens([[3], [1, 2]]) : DryBreakers.None;
        var sampler = new Sampler(options, vocabularySize, null, breakers);
        for (var i = 0; i < 20; i++)
        {
            sampler.Accept(((i * 37) + 11) % vocabularySize);
        }

        var logits = new float[vocabularySize];
        var tokens = new int[expected.Length];
        for (var step = 0; step < tokens.Length; step++)
        {
            for (var token = 0; token < vocabularySize; token++)
            {
                logits[token] = Logit((uint)step, (uint)token);
            }

            tokens[step] = sampler.Sample(logits);
            sampler.Accept(tokens[step]);
        }

        Assert.Equal(expected, tokens);
    }

    /// <summary>A multiple of 2^-20 from -8 to 8 that looks random, so that it is exact everywhere.</summary>
    private static float Logit(uint step, uint token)
    {
        var hash = ((token + 1) * 2654435761u) ^ ((step + 1) * 2246822519u);
        hash ^= hash >> 15;
        hash *= 2246822519u;
        hash ^= hash >> 13;
        hash *= 3266489917u;
        hash ^= hash >> 16;
        return ((int)(hash >> 8) - 8388608) / 1048576f;
    }
}
