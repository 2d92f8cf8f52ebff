"""The voices of synthdefs.scd, where each is at home, what it plays to be measured, and what is measured.

Samples are stereo here, shape (frames, 2), in [-1, 1].
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyloudnorm
from scipy.signal import butter, sosfiltfilt

from tests.supercollider.offline import RATE, Note
from tests.supercollider.sound import Samples

BEAT_S = 0.5
LOUDNESS_LUFS = -28.0  # of a line of single notes at velocity 100 and level 1
LINE_LEVEL, CHORDS_LEVEL = 2.0, 1.3  # the most at which the band plays a note of a line, and of a chord
AIR_HZ = 2_500  # above this is what makes a voice bright without being its tone
CLICK_HZ = 10_000  # a click reaches above this; what the voices play on purpose hardly does
EDGE_S = 0.01  # how far around a moment a click is looked for


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice, with a line of single notes where it is at home."""

    name: str
    line: tuple[int, ...]
    sustains: bool  # sounds for as long as the key is down
    release_s: float  # from letting go to silence
    air_db: float = -37.0  # the least of it that is above AIR_HZ at velocity 100, in dB of the whole

    def phrase(self, velocity: int = 100) -> list[Note]:
        """The line, a note on each beat, hardly detached."""
        return [
            Note(self.name, pitch, velocity, number * BEAT_S, 0.9 * BEAT_S)
            for number, pitch in enumerate(self.line)
        ]

    def chords(self, velocity: int = 100) -> list[Note]:
        """Four chords of four notes, two beats each."""
        return [
            Note(self.name, pitch, velocity, number * 2 * BEAT_S, 1.8 * BEAT_S)
            for number, chord in enumerate(CHORDS)
            for pitch in chord
        ]


WALK = (36, 40, 43, 45, 46, 45, 43, 40)
TUNE = (72, 67, 69, 70, 74, 72, 67, 64)
CHORDS = ((58, 64, 67, 74), (57, 63, 67, 72), (58, 64, 67, 74), (57, 63, 66, 72))
LINE_S = len(WALK) * BEAT_S
CHORDS_S = len(CHORDS) * 2 * BEAT_S

VOICES = (
    Voice("upright", WALK, sustains=False, release_s=0.15, air_db=-49.0),
    Voice("epiano", TUNE, sustains=False, release_s=0.2),
    Voice("wurly", TUNE, sustains=False, release_s=0.2),
    Voice("organ", TUNE, sustains=True, release_s=0.1),
    Voice("pad", TUNE, sustains=True, release_s=0.55),
)


def between(samples: Samples, from_s: float, to_s: float) -> Samples:
    return samples[max(round(from_s * RATE), 0) : round(to_s * RATE)]


def decibels(ratio: float) -> float:
    return 20 * float(np.log10(max(ratio, 1e-10)))


def peak_db(samples: Samples) -> float:
    """The largest sample, in dB of full scale."""
    return decibels(float(np.abs(samples).max()))


def rms_db(samples: Samples) -> float:
    """Of the whole, in dB of full scale."""
    return decibels(float(np.sqrt(np.mean(samples**2))))


def loudness_lufs(samples: Samples) -> float:
    """Integrated and gated. Source: ITU-R BS.1770-4, by pyloudnorm."""
    return float(pyloudnorm.Meter(RATE).integrated_loudness(samples))


def spectrum(samples: Samples) -> tuple[Samples, Samples]:
    """The frequencies (Hz) and how strong each is, of both sides together."""
    mono = samples.mean(axis=1) * np.hanning(len(samples))
    size = 1 << (4 * len(mono)).bit_length()  # a finer grid of frequencies for the same resolution
    hz = np.fft.rfftfreq(size, 1 / RATE).astype(np.float64)
    return hz, np.abs(np.fft.rfft(mono, size)).astype(np.float64)


def centroid_hz(samples: Samples) -> float:
    """How bright it is: the mean of the frequencies, each counted as strong as it is."""
    hz, strength = spectrum(samples)
    return float(np.sum(hz * strength) / np.sum(strength))


def air_db(samples: Samples) -> float:
    """How much of it is above AIR_HZ, in dB of the whole."""
    return rms_db(above(AIR_HZ, samples)) - rms_db(samples)


def above(hz: float, samples: Samples) -> Samples:
    return np.asarray(sosfiltfilt(butter(8, hz, "highpass", fs=RATE, output="sos"), samples, axis=0))


def fundamental(samples: Samples, pitch: float) -> tuple[float, float]:
    """The strongest partial within a semitone of a pitch: by how many cents it is higher, and by how many dB
    weaker than the strongest of all."""
    hz, strength = spectrum(samples)
    near = np.abs(12 * np.log2(np.maximum(hz, 1) / hz_of(pitch))) < 1
    peak = int(np.flatnonzero(near)[np.argmax(strength[near])])
    left, middle, right = np.log(strength[peak - 1 : peak + 2])
    found = hz[peak] + (hz[1] - hz[0]) * (left - right) / (2 * (left - 2 * middle + right))
    return 1200 * float(np.log2(found / hz_of(pitch))), decibels(strength.max() / strength[peak])


def hz_of(pitch: float) -> float:
    """
    >>> hz_of(69)
    440.0
    """
    return 440 * 2 ** float((pitch - 69) / 12)


def offset_db(samples: Samples) -> float:
    """The DC offset, in dB of the RMS."""
    window = np.hanning(len(samples))[:, None]
    offset = np.abs(np.sum(samples * window, axis=0) / np.sum(window)).max()
    return decibels(float(offset)) - rms_db(samples)


def click_db(samples: Samples, moments_s: Iterable[float]) -> float:
    """The loudest click near one of the moments: what is above CLICK_HZ, in dB of the loudest 20 ms of all.

    A tone that breaks off at its peak is above −40.
    """
    high = above(CLICK_HZ, samples)
    edges = [rms_db(between(high, moment - EDGE_S, moment + EDGE_S)) for moment in moments_s]
    return max(edges) - loudest_db(samples)


def loudest_db(samples: Samples) -> float:
    """The RMS of the loudest 20 ms, in dB of full scale."""
    size = round(2 * EDGE_S * RATE)
    powers = np.mean(samples**2, axis=1)[: len(samples) // size * size].reshape(-1, size).mean(axis=1)
    return 10 * float(np.log10(max(powers.max(), 1e-20)))


def decay_s(samples: Samples) -> float:
    """The time in which an echo falls by 60 dB, by the half of that after its first 5 dB.

    Source: Schroeder, "New Method of Measuring Reverberation Time" (1965).
    """
    power = np.cumsum(np.sum(samples**2, axis=1)[::-1])[::-1]
    fallen_db = 10 * np.log10(power / power[0] + 1e-20)
    begin, end = (int(np.argmax(fallen_db < db)) for db in (-5, -35))
    return 2 * (end - begin) / RATE


def spread(values: Sequence[float]) -> float:
    return max(values) - min(values)
