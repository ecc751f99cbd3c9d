[ $HOME ]
