"""The end of each command's help: examples, and where things are to be found."""

PLAY = """\
examples:
  psc2 play                                 the instrument, with your settings (psc2 config edit)
  psc2 play --config blues.yaml             … and with those of a file for the evening
  psc2 play --no-sclang --send-port 57121   … with a SuperCollider that runs already
  psc2 play --chart "| Dm7 | G7 | C6 | % |"  … with a band that plays a tune: a text, a file, an iReal link
  psc2 play --seed 1                        … and a machine that plays the same way each time
"""
DEMO = """\
examples:
  psc2 demo --out demo                      a whole set without any hardware, as MIDI, picture and sound
  psc2 demo --live                          … to hear and watch now, as if somebody played
  psc2 demo --out other --seed 2            … with another machine
"""
DOCTOR = """\
examples:
  psc2 doctor                               what is missing for playing, and what fixes it
  psc2 doctor --config blues.yaml           … with settings of your own
exit code: 0 if everything is there that playing needs, 1 if something is missing, 2 for a
configuration that cannot be used
"""
CHART = """\
examples:
  psc2 chart tune.txt                       its chords, four bars a line, repeats played out
  psc2 chart "| Dm7 | G7 | Cmaj7 | % |"     … of a chart that is typed
  psc2 chart "irealb://…"                   … of a link, as iReal Pro shares it
  psc2 chart jazz.html                      the tunes of a playlist that iReal Pro has exported
  psc2 chart jazz.html --tune blues         … and one of them
  psc2 chart tune.txt --transpose -3        three semitones lower, for a singer
  psc2 chart tune.txt --transpose 2 > b.txt … a whole tone higher, for a trumpet, to be read again
how charts are written: docs/charts.md
"""
CONFIG = """\
examples:
  psc2 config show                          every setting, and where it comes from if not from the defaults
  psc2 config show --config blues.yaml      … with those of a file that psc2 play --config is to have
  psc2 config edit                          your own settings, in the editor that EDITOR names
  psc2 config path                          where they are
  psc2 config schema > psc2.schema.json     with which an editor completes and checks any such file
PSC2_CONFIG=FILE names another file for your own settings; PSC2_CONFIG=/dev/null is for none.
"""
SCHEMA = """\
examples:
  psc2 config schema > psc2.schema.json                 of configurations
  psc2 config schema controller > map.schema.json       of controllers' maps
and as the first line of such a file:
  # yaml-language-server: $schema=psc2.schema.json
"""
COMPLETION = """\
examples, each for one shell's own start-up file or folder:
  eval "$(psc2 completion bash)"                                     in ~/.bashrc
  eval "$(psc2 completion zsh)"                                      in ~/.zshrc, after compinit
  psc2 completion fish > ~/.config/fish/completions/psc2.fish        once
  psc2 completion tcsh > ~/.psc2.tcsh; source ~/.psc2.tcsh           and the second half in ~/.tcshrc
"""
MODELS = """\
examples:
  psc2 models list                          what there is to play with
  psc2 models add attention_rnn.mag         install one of Magenta's bundles
  psc2 models show weimar                   what a model is made of
"""
ADD = """\
Magenta publishes its bundles at http://download.magenta.tensorflow.org/models/ as attention_rnn.mag,
lookback_rnn.mag, basic_rnn.mag, mono_rnn.mag (MelodyRNN) and drum_kit_rnn.mag (DrumsRNN); they are
described at https://github.com/magenta/magenta/tree/main/magenta/models. That address has no https:
download the file with a browser, check it, and add the file.

examples:
  psc2 models add attention_rnn.mag                      installed as attention_rnn
  psc2 models add attention_rnn.mag --name magenta_2016
  psc2 models add https://example.org/my_drums.mag
then, in a configuration of your own:
  improv: {model: attention_rnn}
  drums: {model: my_drums}
"""
GENERATE = """\
examples:
  psc2 models generate weimar --primer "C4 E4 G4 B4" --out line.mid
  psc2 models generate weimar --primer call.mid --steps 128 --temperature 0.8 --out answer.mid
  psc2 models generate groove --primer "[(36, 42), (), (42,), (), (38, 42)]" --out beat.mid
  psc2 models generate markov --primer call.mid --qpm 90 --out answer.mid
A file keeps its tempi and meters. Of several instruments the first is gone on with.
"""
SCORE = """\
examples:
  psc2 models score weimar solos/                     every MIDI file in the folder and below it
  psc2 models score weimar solo.mid --engine magenta
  psc2 models score markov solos/                     it learns as it listens
"""
COMPARE = """\
examples:
  psc2 models compare weimar                needs Magenta: scripts/extra magenta
"""
TRAIN = """\
examples:
  psc2 models train attention_rnn ../data/jazz --out trained/jazz      Weimar Jazz Database
  psc2 models train interval_rnn ../data/jazz --out trained/changes    the same, over its chords
  psc2 models train drum_kit ../data/groove --out trained/groove       Groove MIDI Dataset
  psc2 models train attention_rnn my_solos/ --out trained/mine --set epochs=20 --set dropout=0.5
the same command again goes on where it was stopped. It needs JAX and Magenta: scripts/extra train
"""
REPORT = """\
examples:
  psc2 models report weimar ../data/jazz --out report      a few minutes; needs scripts/extra train
"""
PSC2 = PLAY + "".join(text.removeprefix("examples:\n") for text in (DEMO, MODELS))
